/* SPDX-License-Identifier: MIT */
#include "daemon/config-render.h"

#include <errno.h>

#include "daemon/config-errors.h"
#include "daemon/render-text.h"

static int render(const Routine *routine, const RoutineSource *source, const Layout *massager,
                const Limits *limits, ConfigErrors *errors)
{
        Governor *governor = governor_new(massager, limits);
        char sentence[RENDER_SENTENCE_MAX];
        Render render;

        if (!governor)
                return -ENOMEM;

        render_init(&render, routine, massager, limits, governor, RENDER_AS_WRITTEN);
        while (render_play(&render, UINT32_MAX))
                ;
        governor_free(governor);
        if (render.report.flaw == RENDER_FINE)
                return 0;

        render_sentence(routine, limits, &render.report, sentence);
        config_errors_add(errors, (ConfigPlace){ source->file, source->line },
                        "the routine \"%s\" cannot be played: %s", routine->name, sentence);
        return 0;
}

int config_render(const Config *config, const ConfigPaths *paths, ConfigErrors *errors)
{
        for (size_t i = 0; i < config->n_routines; i++) {
                const RoutineSource *source = &config->sources[i];
                const Limits *limits = source->is_vendors ? &limits_hard : &config->limits;
                int r = 0;

                if (source->is_sound && (!source->is_tried || paths->renders_tried))
                        r = render(&config->routines[i], source, paths->reference, limits, errors);
                if (r < 0)
                        return r;
        }

        return 0;
}
