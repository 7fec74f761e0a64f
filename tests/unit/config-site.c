/* SPDX-License-Identifier: MIT */
#include "tests/unit/config-site.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/macro.h"

/* libconfig 1.5 forgets a text that stands where it expects none, an empty one too. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
        return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

uint32_t random_below(uint32_t n)
{
        static uint32_t state = 0x6b6e6565;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state % n;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

void site_clear(Site *site)
{
        site->config = config_unref(site->config);
        (void) nftw(site->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void site_make(Site *site)
{
        char path[128];

        assert_int_equal(mkdir(site->root, 0700), 0);
        (void) snprintf(site->data_dir, sizeof(site->data_dir), "%s/data", site->root);
        (void) snprintf(site->etc_dir, sizeof(site->etc_dir), "%s/etc", site->root);
        assert_int_equal(mkdir(site->data_dir, 0700), 0);
        assert_int_equal(mkdir(site->etc_dir, 0700), 0);
        (void) snprintf(path, sizeof(path), "%s/routines.d", site->data_dir);
        assert_int_equal(mkdir(path, 0700), 0);
        (void) snprintf(path, sizeof(path), "%s/routines.d", site->etc_dir);
        assert_int_equal(mkdir(path, 0700), 0);
        write_text(site, "data/routines.d/techniques.conf",
                        "techniques = ( " TECHNIQUE("\"tapping\"") ", " TECHNIQUE(
                                        "\"glide\"") ", " TECHNIQUE("\"friction\"") " );\n");
}

int site_setup(void **state)
{
        Site *site = calloc(1, sizeof(Site));

        if (!site)
                return -1;
        (void) snprintf(site->root, sizeof(site->root), "/tmp/kneed-test-config-XXXXXX");
        if (!mkdtemp(site->root) || rmdir(site->root) < 0)
                return -1;
        site_make(site);
        *state = site;
        return 0;
}

int site_teardown(void **state)
{
        site_clear(*state);
        free(*state);
        return 0;
}

void site_renew(Site *site)
{
        site_clear(site);
        site_make(site);
}

const char *in_site(const Site *site, const char *name)
{
        static char path[256];

        (void) snprintf(path, sizeof(path), "%s/%s", site->root, name);
        return path;
}

FILE *site_open(const Site *site, const char *name)
{
        FILE *file = fopen(in_site(site, name), "we");

        assert_non_null(file);
        return file;
}

void write_bytes(const Site *site, const char *name, const void *data, size_t size)
{
        FILE *file = site_open(site, name);

        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

void write_text(const Site *site, const char *name, const char *text)
{
        write_bytes(site, name, text, strlen(text));
}

int load(Site *site)
{
        const ConfigPaths paths = { .data_dir = site->data_dir, .etc_dir = site->etc_dir };
        Config *const untouched = (Config *) site;
        Config *config = untouched;
        int r;

        site->config = config_unref(site->config);
        r = config_load(&paths, &config, &site->errors);
        if (r == 0)
                site->config = config;
        else
                assert_ptr_equal(config, untouched);
        return r;
}

static void print_errors(const Site *site)
{
        for (size_t i = 0; i < MIN(site->errors.n, (size_t) CONFIG_ERRORS_MAX); i++)
                print_error("%s\n", site->errors.text[i]);
}

void assert_good(Site *site)
{
        if (load(site) != 0) {
                print_errors(site);
                fail();
        }
        assert_int_equal(site->errors.n, 0);
}

void assert_error(const Site *site, size_t i, const char *place, const char *part)
{
        char start[256];

        (void) snprintf(start, sizeof(start), "%s/%s: ", site->root, place);
        if (i >= site->errors.n || strncmp(site->errors.text[i], start, strlen(start)) != 0 ||
                        !strstr(site->errors.text[i] + strlen(start), part)) {
                print_error("wanted: %s… %s …\n", start, part);
                print_errors(site);
                fail();
        }
}

void assert_one_error(Site *site, const char *place, const char *part)
{
        assert_int_equal(load(site), -EINVAL);
        assert_error(site, 0, place, part);
        if (site->errors.n != 1)
                print_errors(site);
        assert_int_equal(site->errors.n, 1);
}
