/* SPDX-License-Identifier: MIT */
/* The directory of the ledger and the names in it. */
#include "daemon/ledger-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define NEW_NAME     LEDGER_FILE_NAME ".new"
#define DAMAGED_NAME LEDGER_FILE_NAME ".damaged"
/* Somebody who finds so many damaged ledgers needs a new disk, not one more of them. */
#define DAMAGED_MAX 1000u
#define NAME_SIZE   64u

/* Of one ledger. The file goes first: what belongs to it must never be left under its old name by a
 * crash and be taken for a part of the next one; so who finds it alone sets it aside, too. */
static const char *const parts[] = { "", "-wal", "-journal" };

static int open_place(const char *place)
{
        int fd = open(place, O_DIRECTORY | O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* Makes the directory, and those above it that are missing. */
static int make_directory(const char *directory)
{
        char path[PATH_MAX];
        int n;

        n = snprintf(path, sizeof(path), "%s", directory);
        if (n <= 0 || (size_t) n >= sizeof(path))
                return -ENAMETOOLONG;

        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(path, 0700) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }

        return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int check_directory(const char *place, char reason[static LEDGER_SENTENCE_MAX])
{
        struct stat st;

        if (stat(place, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        if (st.st_uid != geteuid())
                return ledger_complain(reason, -EPERM,
                                "The ledger's directory belongs to another user; give it to the "
                                "one that kneed runs as: %.100s",
                                place);
        if (st.st_mode & (S_IWGRP | S_IWOTH))
                return ledger_complain(reason, -EPERM,
                                "Other users can write into the ledger's directory; take that "
                                "away with: chmod go-w %.100s",
                                place);
        return 0;
}

int ledger_place_find(
                const char *directory, char reason[static LEDGER_SENTENCE_MAX], char **ret_place)
{
        _cleanup_free_ char *place = NULL;
        int r;

        place = realpath(directory, NULL);
        if (!place && errno == ENOENT) {
                r = make_directory(directory);
                if (r < 0)
                        return r;
                place = realpath(directory, NULL);
        }
        if (!place)
                return -errno;

        r = check_directory(place, reason);
        if (r < 0)
                return r;

        *ret_place = TAKE_PTR(place);
        return 0;
}

/* Looks without opening: to close any descriptor of the file would drop the locks on it. */
static int look(int fd, const char *name, char reason[static LEDGER_SENTENCE_MAX])
{
        struct stat st;

        if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISREG(st.st_mode))
                return ledger_complain(reason, -EPERM,
                                "%s is not a plain file; to begin a new ledger with the day used "
                                "up, rename ledger.db to ledger.db.damaged-1 (or the next free "
                                "number), and ledger.db-wal, if there is one, to "
                                "ledger.db.damaged-1-wal.",
                                name);
        if (st.st_uid != geteuid())
                return ledger_complain(reason, -EPERM,
                                "%s belongs to another user; give it to the one that kneed runs "
                                "as.",
                                name);
        if ((st.st_mode & 07777) != 0600 && fchmodat(fd, name, 0600, 0) < 0)
                return -errno;
        /* SQLite would open it for reading, and fail later without saying why. */
        if (faccessat(fd, name, R_OK | W_OK, AT_EACCESS) < 0)
                return -errno;

        return 1;
}

static int rename_part(int fd, unsigned n, const char *part)
{
        char from[NAME_SIZE], to[NAME_SIZE];

        (void) snprintf(from, sizeof(from), LEDGER_FILE_NAME "%s", part);
        (void) snprintf(to, sizeof(to), DAMAGED_NAME "-%u%s", n, part);
        if (renameat2(fd, from, fd, to, RENAME_NOREPLACE) < 0 && errno != ENOENT)
                return -errno;

        return 0;
}

static bool was_set_aside(int fd, unsigned n)
{
        char name[NAME_SIZE];
        struct stat st;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                (void) snprintf(name, sizeof(name), DAMAGED_NAME "-%u%s", n, parts[i]);
                if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        return true;
        }

        return false;
}

int ledger_place_set_aside(const char *place)
{
        _cleanup_close_ int fd = open_place(place);
        unsigned n = 1;
        int r;

        if (fd < 0)
                return fd;

        while (was_set_aside(fd, n))
                if (++n > DAMAGED_MAX)
                        return -EMLINK;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                r = rename_part(fd, n, parts[i]);
                if (r < 0)
                        return r;
        }

        return fsync(fd) < 0 ? -errno : 0;
}

int ledger_place_delete_damaged(const char *place)
{
        _cleanup_close_ int fd = open_place(place);
        char name[NAME_SIZE];

        if (fd < 0)
                return fd;

        for (unsigned n = 1; n <= DAMAGED_MAX && was_set_aside(fd, n); n++)
                for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                        (void) snprintf(name, sizeof(name), DAMAGED_NAME "-%u%s", n, parts[i]);
                        if (unlinkat(fd, name, 0) < 0 && errno != ENOENT)
                                return -errno;
                }

        return fsync(fd) < 0 ? -errno : 0;
}

/* The first free number is taken each time, so the first tells of all. */
int ledger_place_was_damaged(const char *place)
{
        _cleanup_close_ int fd = open_place(place);

        return fd < 0 ? fd : was_set_aside(fd, 1);
}

int ledger_place_look(const char *place, char reason[static LEDGER_SENTENCE_MAX])
{
        _cleanup_close_ int fd = open_place(place);
        int r, wal;

        if (fd < 0)
                return fd;

        r = look(fd, LEDGER_FILE_NAME, reason);
        if (r < 0)
                return r;
        wal = look(fd, LEDGER_FILE_NAME "-wal", reason);
        if (wal < 0)
                return wal;
        if (r == 0 && wal > 0)
                return ledger_place_set_aside(place);

        return r;
}

int ledger_place_make(const char *place, char **ret_path)
{
        _cleanup_close_ int fd = open_place(place), file = -1;
        _cleanup_free_ char *path = NULL;

        if (fd < 0)
                return fd;
        if ((unlinkat(fd, NEW_NAME, 0) < 0 && errno != ENOENT) ||
                        (unlinkat(fd, NEW_NAME "-journal", 0) < 0 && errno != ENOENT))
                return -errno;

        file = openat(fd, NEW_NAME, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
        if (file < 0)
                return -errno;
        if (asprintf(&path, "%s/%s", place, NEW_NAME) < 0)
                return -ENOMEM;

        *ret_path = TAKE_PTR(path);
        return 0;
}

int ledger_place_install(const char *place)
{
        _cleanup_close_ int fd = open_place(place);

        if (fd < 0)
                return fd;
        if (renameat2(fd, NEW_NAME, fd, LEDGER_FILE_NAME, RENAME_NOREPLACE) < 0)
                return -errno;

        return fsync(fd) < 0 ? -errno : 0;
}
