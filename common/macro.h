/* SPDX-License-Identifier: MIT */
#pragma once

/* The few words of C that every room shares. No room-specific thing belongs here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))

/* A name of its own for each use, so that one may stand inside another. */
#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

#define LESSER_(a, b, x, y)            \
        ({                             \
                __typeof__(a) x = (a); \
                __typeof__(b) y = (b); \
                x < y ? x : y;         \
        })

#define GREATER_(a, b, x, y)           \
        ({                             \
                __typeof__(a) x = (a); \
                __typeof__(b) y = (b); \
                x > y ? x : y;         \
        })

#define MIN(a, b) LESSER_(a, b, JOIN(_a, __COUNTER__), JOIN(_b, __COUNTER__))
#define MAX(a, b) GREATER_(a, b, JOIN(_a, __COUNTER__), JOIN(_b, __COUNTER__))

/* Hands a pointer over and forgets it, so that a clean-up does not free what was given away. */
#define TAKE_PTR(p)                     \
        ({                              \
                __typeof__(p) _p = (p); \
                (p) = NULL;             \
                _p;                     \
        })

#define DEFINE_TRIVIAL_CLEANUP_FUNC(type, func) \
        static inline void func##p(type *p)     \
        {                                       \
                if (*p)                         \
                        func(*p);               \
        }

static inline bool streq(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}

static inline void freep(void *p)
{
        free(*(void **) p);
}

static inline void closep(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

#define _cleanup_free_  _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)
