/* SPDX-License-Identifier: MIT */
#pragma once

/* How a session looks: as a picture for a terminal, as a line for a log. Pure. */

#include "cli/canvas.h"
#include "cli/objects.h"

/* What keys do here. */
typedef enum SceneKeys {
        SCENE_KEYS_NONE,
        SCENE_KEYS_RUN,   /* q stops */
        SCENE_KEYS_WATCH, /* q leaves */
} SceneKeys;

typedef struct Scene {
        Session session;
        Massager massager;
        Frame frame;
        bool has_frame;
        unsigned full_permille; /* what a full block means */
        uint64_t left_ms;
        SceneKeys keys;
        char message[160]; /* what went wrong last, or empty */
} Scene;

/* What was played so far. */
uint64_t scene_elapsed_ms(const Scene *scene);

/* Draws into a canvas that was made by canvas_init(): whole where it is large enough, else in a few
 * lines. Returns how many rows it took. */
unsigned scene_draw(const Scene *scene, Canvas *canvas);

/* "00:15 of 10:00  playing  …", without an end of line. */
void scene_line(const Scene *scene, Charset charset, FILE *to);
