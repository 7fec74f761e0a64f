/* SPDX-License-Identifier: MIT */
/* Which routine suits which massager: each is rendered against each kind of massager that is
 * attached, a little at a time, while the loop has nothing else to do. */
#include "daemon/manager-private.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/render-text.h"

#define MS_PER_MINUTE 60000u
/* How much is played on end, in frames of one actuator; 12 actuators for 20 minutes are 720000, and
 * were seen to take 25 ms. A slice is a hundredth of the time between frames; what somebody waits
 * for may take as long as a frame while nobody plays. */
#define SLICE_WORK 6000u
#define ONCE_WORK  500000u

#define NOT_RENDERED _RENDER_FLAW_MAX

/* A kind of massager, and what became of each routine on it. */
struct Rendered {
        Layout layout;
        Limits limits; /* config's and the massager's */
        RenderReport reports[CONFIG_ROUTINES_MAX];
};

/* A rendering that is under way. */
struct Rendering {
        Rendered *of;
        size_t routine;
        Routine scaled;
        Governor *governor;
        Render render;
};

static Limits limits_of(const Manager *manager, const Massager *m)
{
        Limits limits = manager->config->limits;

        limits_tighten(&limits, &massager_facts(m)->limits);
        return limits;
}

static bool same_limits(const Limits *a, const Limits *b)
{
#define X(field, strictest, hard, unit, what) \
        if (a->field != b->field)             \
                return false;
        LIMITS(X)
#undef X
        return true;
}

static bool is_of(const Rendered *rendered, const Manager *manager, const Massager *m)
{
        Limits limits;

        if (!massager_facts(m))
                return false;

        limits = limits_of(manager, m);
        return same_limits(&rendered->limits, &limits) &&
               manager_same_layout(&rendered->layout, &massager_facts(m)->layout);
}

static Rendered *find(const Manager *manager, const Massager *m)
{
        for (size_t i = 0; i < manager->n_rendered; i++)
                if (is_of(manager->rendered[i], manager, m))
                        return manager->rendered[i];

        return NULL;
}

static Rendering *rendering_free(Rendering *rendering)
{
        if (!rendering)
                return NULL;

        governor_free(rendering->governor);
        free(rendering);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Rendering *, rendering_free);

/* As long as it may be played at all: whoever asks for less than a routine's own time gets it. */
static void fit(Routine *routine, const Limits *limits)
{
        uint32_t most_ms = limits->session_minutes * MS_PER_MINUTE;

        if (routine_duration_ms(routine) > most_ms)
                (void) routine_scale(routine, most_ms);
}

/* NULL: no memory. */
static Rendering *rendering_new(const Manager *manager, Rendered *of, size_t routine)
{
        _cleanup_(rendering_freep) Rendering *rendering = calloc(1, sizeof(*rendering));

        if (!rendering)
                return NULL;
        rendering->governor = governor_new(&of->layout, &of->limits);
        if (!rendering->governor)
                return NULL;

        rendering->of = of;
        rendering->routine = routine;
        rendering->scaled = manager->config->routines[routine];
        fit(&rendering->scaled, &of->limits);
        render_init(&rendering->render, &rendering->scaled, &of->layout, &of->limits,
                        rendering->governor, RENDER_AS_HAD);
        return TAKE_PTR(rendering);
}

static void take_report(const Manager *manager, const Rendering *rendering)
{
        const RenderReport *report = &rendering->render.report;
        char sentence[RENDER_SENTENCE_MAX];

        rendering->of->reports[rendering->routine] = *report;
        if (report->flaw == RENDER_FINE)
                return;

        render_sentence(&rendering->scaled, &rendering->of->limits, report, sentence);
        for (size_t i = 0; i < manager->n_massagers; i++)
                if (is_of(rendering->of, manager, manager->massagers[i]))
                        log_info("%s does not suit massager %s: %s", rendering->scaled.name,
                                        massager_id(manager->massagers[i]), sentence);
}

/* The next one that nobody has rendered. NULL: there is none, or no memory. */
static Rendering *next_rendering(const Manager *manager)
{
        for (size_t i = 0; i < manager->n_rendered; i++)
                for (size_t k = 0; k < manager->config->n_routines; k++)
                        if (manager->rendered[i]->reports[k].flaw == NOT_RENDERED)
                                return rendering_new(manager, manager->rendered[i], k);

        return NULL;
}

/* Plays some of what is under way. Returns whether there is more of it. */
static bool play_some(Manager *manager, unsigned work)
{
        Rendering *rendering = manager->rendering;

        if (render_play(&rendering->render, work / MAX(rendering->of->layout.n_actuators, 1u)))
                return true;

        take_report(manager, rendering);
        manager->rendering = rendering_free(rendering);
        return false;
}

static int on_renderer(sd_event_source *source, void *userdata)
{
        Manager *manager = userdata;

        if (!manager->rendering)
                manager->rendering = next_rendering(manager);
        if (!manager->rendering)
                return 0;

        (void) play_some(manager, SLICE_WORK);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void add_kind(Manager *manager, const Massager *m)
{
        Rendered *rendered;

        if (manager->n_rendered == MANAGER_MASSAGERS_MAX)
                return;
        rendered = calloc(1, sizeof(*rendered));
        if (!rendered)
                return;

        rendered->layout = massager_facts(m)->layout;
        rendered->limits = limits_of(manager, m);
        for (size_t i = 0; i < ELEMENTSOF(rendered->reports); i++)
                rendered->reports[i].flaw = NOT_RENDERED;
        manager->rendered[manager->n_rendered++] = rendered;
}

void manager_render(Manager *manager)
{
        size_t n = manager->n_rendered;

        for (size_t i = 0; i < manager->n_massagers; i++) {
                const Massager *m = manager->massagers[i];

                if (massager_facts(m) && !find(manager, m))
                        add_kind(manager, m);
        }
        if (manager->n_rendered > n)
                (void) sd_event_source_set_enabled(manager->renderer, SD_EVENT_ONESHOT);
}

static bool is_attached(const Manager *manager, const Rendered *rendered)
{
        for (size_t i = 0; i < manager->n_massagers; i++)
                if (is_of(rendered, manager, manager->massagers[i]))
                        return true;

        return false;
}

void manager_forget_rendered(Manager *manager, bool all)
{
        size_t kept = 0;

        for (size_t i = 0; i < manager->n_rendered; i++) {
                Rendered *rendered = manager->rendered[i];

                if (!all && is_attached(manager, rendered)) {
                        manager->rendered[kept++] = rendered;
                        continue;
                }
                if (manager->rendering && manager->rendering->of == rendered)
                        manager->rendering = rendering_free(manager->rendering);
                free(rendered);
        }
        manager->n_rendered = kept;
}

int manager_new_renderer(Manager *manager)
{
        int r;

        r = sd_event_add_defer(manager->event, &manager->renderer, on_renderer, manager);
        if (r >= 0)
                r = sd_event_source_set_priority(manager->renderer, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_event_source_set_enabled(manager->renderer, SD_EVENT_OFF);

        return r;
}

static bool anybody_plays(const Manager *manager)
{
        for (size_t i = 0; i < manager->n_players; i++)
                if (player_ticks(manager->players[i]))
                        return true;

        return false;
}

/* Before its turn, since somebody waits for it. Returns 0; -EAGAIN: it takes a moment, and goes on
 * by itself; -ENOMEM. */
static int render_now(Manager *manager, Rendered *rendered, size_t routine)
{
        Rendering *rendering = manager->rendering;

        if (rendering && (rendering->of != rendered || rendering->routine != routine))
                rendering = manager->rendering = rendering_free(rendering);
        if (!rendering)
                manager->rendering = rendering_new(manager, rendered, routine);
        if (!manager->rendering)
                return -ENOMEM;

        if (!play_some(manager, anybody_plays(manager) ? SLICE_WORK : ONCE_WORK))
                return 0;
        (void) sd_event_source_set_enabled(manager->renderer, SD_EVENT_ONESHOT);
        return -EAGAIN;
}

/* Heat has to fit as long as it is really asked for. */
static bool heats_too_long(const Routine *routine, const Rendered *rendered)
{
        uint32_t heat_ms = 0;

        for (unsigned i = 0; i < routine->n_steps; i++)
                heat_ms += routine->steps[i].heat_c > 0 ? routine->steps[i].duration_ms : 0;

        return rendered->layout.n_heaters > 0 &&
               heat_ms > rendered->limits.heat_minutes * MS_PER_MINUTE;
}

static int refuse(const RenderReport *report, const Routine *routine, const Rendered *rendered,
                RunRefusal *refusal)
{
        bool is_limit = report->flaw == RENDER_SETPOINT || report->flaw == RENDER_MOSTLY_REST ||
                        report->flaw == RENDER_MOSTLY_RAMP;
        char sentence[RENDER_SENTENCE_MAX];

        render_sentence(routine, &rendered->limits, report, sentence);
        return manager_refuse(refusal,
                        is_limit ? REFUSAL_LIMIT_EXCEEDED : REFUSAL_UNSUITABLE_MASSAGER,
                        "This massager cannot play it: %s", sentence);
}

int manager_check_rendered(
                Manager *manager, const Routine *routine, const Massager *m, RunRefusal *refusal)
{
        const Routine *asked = config_find_routine(manager->config, routine->name);
        size_t i = (size_t) (asked - manager->config->routines);
        Rendered *rendered;
        int r;

        manager_render(manager);
        rendered = find(manager, m);
        if (!rendered)
                return -ENOMEM;
        if (heats_too_long(routine, rendered))
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "A session may heat for at most %u minutes (heat_minutes); choose "
                                "fewer with --minutes.",
                                rendered->limits.heat_minutes);

        if (rendered->reports[i].flaw == NOT_RENDERED) {
                r = render_now(manager, rendered, i);
                if (r == -EAGAIN)
                        return manager_refuse(refusal, REFUSAL_MASSAGER_NOT_READY,
                                        "Whether the massager can play it is still being found "
                                        "out; try again in a moment.");
                if (r < 0)
                        return r;
        }

        switch (rendered->reports[i].flaw) {
        case RENDER_FINE:
        case RENDER_SESSION: /* these go by the time that is really asked for */
        case RENDER_HEAT:
                return 0;
        default:
                return refuse(&rendered->reports[i], asked, rendered, refusal);
        }
}
