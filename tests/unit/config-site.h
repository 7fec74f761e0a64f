/* SPDX-License-Identifier: MIT */
#pragma once

/* Config on disk for a test: a vendor's and an administrator's directory that a test fills, and
 * what was made of them. Of the vendor there are three techniques: tapping, glide and friction. */

#include <stdio.h>

#include "daemon/config.h"

typedef struct Site {
        char root[64];
        char data_dir[96];
        char etc_dir[96];
        Config *config; /* of the last load that went well */
        ConfigErrors errors;
} Site;

int site_setup(void **state);
int site_teardown(void **state);

/* Removes all that was written. */
void site_renew(Site *site);
/* And the directories too. */
void site_clear(Site *site);

/* A path below the site; good until the next call. */
const char *in_site(const Site *site, const char *name);
FILE *site_open(const Site *site, const char *name); /* for writing */
void write_bytes(const Site *site, const char *name, const void *data, size_t size);
void write_text(const Site *site, const char *name, const char *text);

/* As config_load(), and checks that nothing is given back where it fails. */
int load(Site *site);
void assert_good(Site *site);

/* That the i-th error stands at `place` below the site and says `part`. */
void assert_error(const Site *site, size_t i, const char *place, const char *part);
/* That a load fails with this error and no other. */
void assert_one_error(Site *site, const char *place, const char *part);

/* xorshift32: the same numbers in every run, so that a failure comes again. */
uint32_t random_below(uint32_t n);

#define ROUTINES "etc/routines.d/a.conf"
#define STEP(keys)                 \
        "routines = ( {\n"         \
        " name = \"a\";\n"         \
        " steps = ( {\n" keys "\n" \
        " } ); } );\n"
#define TECHNIQUE(name) "{ name = " name "; motions = ( " PLAIN_MOTION " ); }"
#define PLAIN_MOTION    "{ tap = \"thigh-front-upper\"; seconds = 20; }"
#define PLAIN_STEP      "{ technique = \"glide\"; minutes = 1; }"
#define NAMED(name)     "{ name = " name "; steps = ( " PLAIN_STEP " ); }"
#define ROUTINE(name)   "routines = ( " NAMED(name) " );\n"
#define FOUR(x)         x "," x "," x "," x
#define TEN(x)          x x x x x x x x x x
