/* SPDX-License-Identifier: MIT */
#include "tests/unit/layouts.h"

#include "common/macro.h"

Actuator actuator_at(int angle_deg, int height_mm, unsigned current_ma)
{
        return (Actuator){
                .place = { true, (int16_t) angle_deg, (int16_t) height_mm },
                .frequency_min_hz = 30,
                .frequency_max_hz = 200,
                .current_ma = (uint16_t) current_ma,
        };
}

static void add(Layout *layout, int angle_deg, int height_mm, unsigned current_ma)
{
        layout->actuators[layout->n_actuators++] = actuator_at(angle_deg, height_mm, current_ma);
}

static void make_reference(Layout *layout)
{
        static const int places[][2] = { { -60, 140 }, { 0, 140 }, { 60, 140 }, { -60, 240 },
                { 0, 240 }, { 60, 240 }, { 0, 55 }, { 0, -55 }, { 42, 28 }, { 42, -28 },
                { -42, 28 }, { -42, -28 } };

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                add(layout, places[i][0], places[i][1], 55);
        layout->budget_ma = 500;
        layout->n_heaters = 2;
        layout->heaters[0] = (Heater){ { true, -80, 0 }, 150 };
        layout->heaters[1] = (Heater){ { true, 80, 0 }, 150 };
}

static void make_dense(Layout *layout)
{
        for (int row = 0; row < 8; row++)
                for (int column = 0; column < 8; column++)
                        add(layout, -84 + 24 * column, -80 + 48 * row, 20);
        layout->budget_ma = 900;
}

static void make_sparse(Layout *layout)
{
        static const int places[][2] = { { 10, 250 }, { -8, 130 }, { 70, 230 }, { 66, 150 },
                { -70, 250 }, { -64, 130 }, { 4, 60 }, { 50, 8 }, { -6, -60 }, { -50, -6 } };

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                add(layout, places[i][0], places[i][1], 80);
        layout->budget_ma = 500;
}

static void make_placeless(Layout *layout)
{
        for (int i = 0; i < 4; i++) {
                add(layout, 0, 0, 60);
                layout->actuators[i].place = (Place){ 0 };
        }
        layout->budget_ma = 500;
}

static void make_hungry(Layout *layout)
{
        make_reference(layout);
        for (unsigned i = 0; i < layout->n_actuators; i++)
                layout->actuators[i].current_ma = 400;
        layout->budget_ma = 100;
}

static void make_forbidden(Layout *layout)
{
        make_reference(layout);
        for (int i = 0; i < 12; i++)
                add(layout, i % 2 ? 180 - 3 * i : 2 * i - 10, i % 2 ? 10 * i - 60 : i - 6, 55);
}

void layouts_make(NamedLayout ret[static LAYOUTS_N])
{
        static const struct {
                const char *name;
                void (*make)(Layout *);
        } makes[LAYOUTS_N] = { { "reference", make_reference }, { "dense", make_dense },
                { "sparse", make_sparse }, { "placeless", make_placeless },
                { "hungry", make_hungry }, { "forbidden", make_forbidden } };

        for (size_t i = 0; i < LAYOUTS_N; i++) {
                ret[i] = (NamedLayout){ .name = makes[i].name };
                makes[i].make(&ret[i].layout);
        }
}

void layout_random(Random *random, unsigned most, Layout *ret)
{
        *ret = (Layout){ 0 };
        ret->n_actuators = (unsigned) random_between(random, 1, most);
        ret->n_heaters = (unsigned) random_between(random, 0, LAYOUT_HEATERS_MAX);
        ret->budget_ma = (uint16_t) random_between(random, 0, 3000);

        for (unsigned i = 0; i < ret->n_actuators; i++) {
                ret->actuators[i] = actuator_at((int) random_between(random, -179, 180),
                                (int) random_between(random, -200, 300),
                                (unsigned) random_between(random, 0, 400));
                ret->actuators[i].place.known = random_between(random, 0, 9) > 0;
        }
        for (unsigned i = 0; i < ret->n_heaters; i++)
                ret->heaters[i] = (Heater){
                        .place = { true, (int16_t) random_between(random, -179, 180),
                                        (int16_t) random_between(random, -100, 100) },
                        .current_ma = (uint16_t) random_between(random, 0, 600),
                };
}
