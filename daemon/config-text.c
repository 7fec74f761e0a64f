/* SPDX-License-Identifier: MIT */
#include "daemon/config-text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

typedef struct Scanner {
        ConfigText *text;
        ConfigErrors *errors;
        unsigned file;
        unsigned depth;
        unsigned line;
        const char *at;
} Scanner;

static int include_file(ConfigText *text, ConfigErrors *errors, unsigned file, unsigned depth,
                ConfigPlace asked_at);

bool config_path_absent(const char *path)
{
        struct stat st;

        return lstat(path, &st) < 0 && errno == ENOENT;
}

void config_errors_add_unreadable(ConfigErrors *errors, ConfigPlace place, const char *what, int r)
{
        switch (r) {
        case -EACCES:
        case -EPERM:
                config_errors_add(errors, place,
                                "%s may not be read; let the user that kneed runs as read it.",
                                what);
                break;
        case -ENOENT:
        case -ELOOP:
                config_errors_add(errors, place,
                                "%s is not there, or is a link that leads nowhere; mend or remove "
                                "it.",
                                what);
                break;
        default:
                config_errors_add(errors, place, "%s cannot be read (%s); mend or remove it.", what,
                                strerror(-r));
        }
}

ConfigText *config_text_free(ConfigText *text)
{
        if (!text)
                return NULL;
        for (unsigned i = 0; i < text->n_files; i++)
                free(text->files[i]);
        free(text->data);
        free(text);
        return NULL;
}

ConfigPlace config_text_place(const ConfigText *text, unsigned line)
{
        const ConfigOrigin *origin = &text->origins[0];

        for (unsigned i = 1; i < text->n_origins && text->origins[i].line <= line; i++)
                origin = &text->origins[i];
        return (ConfigPlace){
                .file = text->files[origin->file],
                .line = origin->file_line + (line > origin->line ? line - origin->line : 0),
        };
}

static ConfigPlace here(const Scanner *scanner)
{
        return (ConfigPlace){ scanner->text->files[scanner->file], scanner->line };
}

static void advance(Scanner *scanner, size_t n)
{
        for (; n > 0; n--)
                if (*scanner->at++ == '\n')
                        scanner->line++;
}

/* Adds what a file says from `from` on, up to where the scanner stands. */
static int append(Scanner *scanner, const char *from, unsigned from_line)
{
        ConfigText *text = scanner->text;
        size_t n = (size_t) (scanner->at - from);

        /* One byte for the line end and one for the zero. */
        if (n + 2 > CONFIG_FILE_SIZE_MAX - text->size) {
                config_errors_add(scanner->errors, here(scanner),
                                "the file is too large with what it includes; at most %u KiB are "
                                "read.",
                                CONFIG_FILE_SIZE_MAX / 1024);
                return -EINVAL;
        }
        text->origins[text->n_origins++] = (ConfigOrigin){
                .line = text->n_lines + 1,
                .file = scanner->file,
                .file_line = from_line,
        };
        memcpy(text->data + text->size, from, n);
        text->size += n;
        text->n_lines += scanner->line - from_line;
        /* Each run starts a line of its own. And libconfig 1.5 wants a line end behind a comment.
         */
        if (n > 0 && scanner->at[-1] != '\n') {
                text->data[text->size++] = '\n';
                text->n_lines++;
        }
        text->data[text->size] = 0;
        return 0;
}

static void skip_block_comment(Scanner *scanner)
{
        const char *end = strstr(scanner->at + 2, "*/");

        if (end) {
                advance(scanner, (size_t) (end + 2 - scanner->at));
                return;
        }
        config_errors_add(scanner->errors, here(scanner),
                        "this comment is never closed; end it with */, or begin each line with #.");
        advance(scanner, strlen(scanner->at));
}

static void skip_string(Scanner *scanner)
{
        ConfigPlace start = here(scanner);

        advance(scanner, 1);
        while (*scanner->at && *scanner->at != '"') {
                if (strncasecmp(scanner->at, "\\x00", 4) == 0)
                        config_errors_add(scanner->errors, here(scanner),
                                        "a text cannot hold a zero byte; remove the \\x00.");
                advance(scanner, scanner->at[0] == '\\' && (scanner->at[1] == '\\' ||
                                                                           scanner->at[1] == '"')
                                                 ? 2
                                                 : 1);
        }
        if (*scanner->at)
                advance(scanner, 1);
        else
                config_errors_add(scanner->errors, start,
                                "this text is never closed; end it with a quotation mark.");
}

/* The length of the float at s, 0 where it is none. */
static size_t float_length(const char *s)
{
        size_t n = strspn(s, DIGITS);
        bool point = s[n] == '.';
        size_t exponent;

        if (point)
                n += 1 + strspn(s + n + 1, DIGITS);
        if (s[n] == 'e' || s[n] == 'E') {
                exponent = n + 1;
                if (s[exponent] == '+' || s[exponent] == '-')
                        exponent++;
                if (strspn(s + exponent, DIGITS) > 0)
                        return exponent + strspn(s + exponent, DIGITS);
        }
        return point ? n : 0;
}

/* libconfig keeps the low 32 bits of a longer integer and says nothing. */
static void skip_number(Scanner *scanner)
{
        const char *s = scanner->at;
        size_t n = float_length(s);

        if (n == 0) {
                bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
                           strspn(s + 2, DIGITS "abcdefABCDEF") > 0;
                char *end;

                if (strtoull(s, &end, hex ? 16 : 10) > INT32_MAX)
                        config_errors_add(scanner->errors, here(scanner),
                                        "this number is too large; no number here is above %d.",
                                        INT32_MAX);
                n = (size_t) (end - s);
        }
        advance(scanner, n);
}

/* The path of an @include that stands at the beginning of a line, or NULL. Sets its length and that
 * of the whole directive. */
static const char *find_include(const char *line, size_t *ret_path, size_t *ret_directive)
{
        const char *s = line + strspn(line, " \t");
        size_t n;

        if (strncmp(s, "@include", strlen("@include")) != 0)
                return NULL;
        s += strlen("@include");
        n = strspn(s, " \t");
        if (n == 0 || s[n] != '"')
                return NULL;
        s += n + 1;
        n = strcspn(s, "\"\n");
        if (n == 0 || s[n] != '"')
                return NULL;
        *ret_path = n;
        *ret_directive = (size_t) (s + n + 1 - line);
        return s;
}

/* Puts the file at `path` behind what was read since `from`. */
static int include(Scanner *scanner, const char *from, unsigned from_line, const char *path,
                size_t length)
{
        ConfigText *text = scanner->text;
        const char *parent = text->files[scanner->file];
        const char *slash = strrchr(parent, '/');
        int directory = *path == '/' || !slash ? 0 : (int) (slash + 1 - parent);
        int r;

        if (scanner->depth >= CONFIG_TEXT_DEPTH_MAX) {
                config_errors_add(scanner->errors, here(scanner),
                                "@include is more than %u files deep; no file may include itself.",
                                CONFIG_TEXT_DEPTH_MAX);
                return 0;
        }
        if (text->n_files >= CONFIG_TEXT_FILES_MAX) {
                config_errors_add(scanner->errors, here(scanner),
                                "this @include is one too many; at most %u files make up one.",
                                CONFIG_TEXT_FILES_MAX);
                return 0;
        }
        r = append(scanner, from, from_line);
        if (r < 0)
                return r;
        if (asprintf(&text->files[text->n_files], "%.*s%.*s", directory, parent, (int) length,
                            path) < 0)
                return -ENOMEM;
        return include_file(
                        text, scanner->errors, text->n_files++, scanner->depth + 1, here(scanner));
}

/* Walks over one file by libconfig's rules of what is comment, text and number, so that nothing of
 * it can be lost or bent in silence, and copies it. */
static int scan(Scanner *scanner)
{
        const char *copied = scanner->at, *line_start = scanner->at;
        unsigned copied_line = scanner->line;

        while (*scanner->at) {
                char c = *scanner->at;
                size_t path_length, directive;
                const char *path;
                int r;

                if (scanner->at == line_start &&
                                (path = find_include(scanner->at, &path_length, &directive))) {
                        r = include(scanner, copied, copied_line, path, path_length);
                        if (r < 0)
                                return r;
                        advance(scanner, directive);
                        copied = scanner->at;
                        copied_line = scanner->line;
                } else if (c == '#' || (c == '/' && scanner->at[1] == '/'))
                        advance(scanner, strcspn(scanner->at, "\n"));
                else if (c == '/' && scanner->at[1] == '*')
                        skip_block_comment(scanner);
                else if (c == '"')
                        skip_string(scanner);
                else if (c == '.' || (c >= '0' && c <= '9'))
                        skip_number(scanner);
                else if (strchr(LETTERS "*", c))
                        advance(scanner, strspn(scanner->at, LETTERS DIGITS "-_*"));
                else {
                        if (c == '@')
                                config_errors_add(scanner->errors, here(scanner),
                                                "@ is only for @include \"FILE\", at the beginning "
                                                "of a line.");
                        advance(scanner, 1);
                        if (c == '\n')
                                line_start = scanner->at;
                }
        }
        return append(scanner, copied, copied_line);
}

/* Whether a file was written to since `before`. What was half written when it was read could lack a
 * limit. */
static bool has_changed(const struct stat *before, int fd)
{
        struct stat now;

        return fstat(fd, &now) < 0 || now.st_size != before->st_size ||
               now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
               now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* A file that is not a regular one could block, never end, or answer differently each time. */
static int read_bounded(const char *path, char **ret, size_t *ret_size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        _cleanup_free_ char *data = NULL;
        size_t size = 0;
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EISDIR;
        data = malloc(CONFIG_FILE_SIZE_MAX + 1);
        if (!data)
                return -ENOMEM;
        while (size <= CONFIG_FILE_SIZE_MAX) {
                ssize_t n = read(fd, data + size, CONFIG_FILE_SIZE_MAX + 1 - size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
        }
        if (size > CONFIG_FILE_SIZE_MAX)
                return -EFBIG;
        if (has_changed(&st, fd) || (off_t) size != st.st_size)
                return -EBUSY;
        data[size] = 0;
        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}

static bool is_text(const char *data, size_t size, ConfigPlace place, ConfigErrors *errors)
{
        place.line = 1;
        for (size_t i = 0; i < size;) {
                size_t n = utf8_sequence(data + i);

                if (n == 0) {
                        config_errors_add(errors, place,
                                        "this line holds a byte that is not text; save the file as "
                                        "UTF-8.");
                        return false;
                }
                if (data[i] == '\n')
                        place.line++;
                i += n;
        }
        return true;
}

/* Errors about reaching the file belong to where it was asked for. */
static int include_file(ConfigText *text, ConfigErrors *errors, unsigned file, unsigned depth,
                ConfigPlace asked_at)
{
        _cleanup_free_ char *data = NULL;
        char what[96];
        size_t size = 0;
        int r;

        if (depth == 0)
                (void) snprintf(what, sizeof(what), "the file");
        else
                (void) snprintf(what, sizeof(what), "the included file \"%.60s\"",
                                text->files[file]);
        r = read_bounded(text->files[file], &data, &size);
        if (r == -ENOMEM || (r == -ENOENT && depth == 0 && config_path_absent(text->files[file])))
                return r;
        if (r == -EISDIR)
                config_errors_add(errors, asked_at, "%s is not a regular file; mend or remove it.",
                                what);
        else if (r == -EBUSY)
                config_errors_add(errors, asked_at, "%s was changed while it was read; try again.",
                                what);
        else if (r == -EFBIG)
                config_errors_add(errors, asked_at, "%s is too large; at most %u KiB are read.",
                                what, CONFIG_FILE_SIZE_MAX / 1024);
        else if (r < 0)
                config_errors_add_unreadable(errors, asked_at, what, r);
        if (!data || !is_text(data, size, (ConfigPlace){ text->files[file], 0 }, errors))
                return 0;
        return scan(&(Scanner){
                        .text = text,
                        .errors = errors,
                        .file = file,
                        .depth = depth,
                        .line = 1,
                        .at = data,
        });
}

int config_text_read(const char *path, ConfigErrors *errors, ConfigText **ret)
{
        _cleanup_(config_text_freep) ConfigText *text = calloc(1, sizeof(ConfigText));
        size_t errors_before = errors->n;
        int r;

        if (!text)
                return -ENOMEM;
        text->data = calloc(1, CONFIG_FILE_SIZE_MAX);
        text->files[0] = strdup(path);
        if (!text->data || !text->files[0])
                return -ENOMEM;
        text->n_files = 1;

        r = include_file(text, errors, 0, 0, (ConfigPlace){ path, 0 });
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        if (errors->n > errors_before)
                return -EINVAL;
        *ret = TAKE_PTR(text);
        return 1;
}
