/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>

#include "cli/session-view-private.h"

#define FRAMES_PICTURE 10u /* a second */
#define FRAMES_LINES   2u
#define STOP_WAIT_US   2000000u
#define FULL_PERMILLE  1000u /* where kneed does not say its limits */
#define BUS_DRIVER     "org.freedesktop.DBus"
#define PROPERTIES     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

void session_view_finish(SessionView *view, ExitCode code)
{
        (void) sd_event_exit(view->event, (int) code);
}

static unsigned permille_or_full(uint32_t permille)
{
        return permille > 0 && permille <= FULL_PERMILLE ? permille : FULL_PERMILLE;
}

static void take_frame(SessionView *view, sd_bus_message *m)
{
        Scene *scene = &view->scene;

        if (frame_read(m, &scene->frame) < 0)
                return;
        scene->has_frame = true;
        (void) sd_event_now(view->event, CLOCK_BOOTTIME, &view->said_us);
        for (unsigned i = 0; i < scene->frame.n_levels; i++)
                if (scene->frame.level_permille[i] > scene->full_permille)
                        scene->full_permille = view->limit_permille;
        session_show_frame(view);
}

/* What a report of pain led to is worth the moment that it takes, also where it led to the end. */
static void be_over(SessionView *view, ExitCode code)
{
        if (view->over)
                return;
        view->over = true;
        view->over_code = view->stopping ? view->stop_code : code;
        if (!view->reporting)
                session_view_finish(view, view->over_code);
}

static void take_ended(SessionView *view, sd_bus_message *m)
{
        Ended ended;

        if (ended_read(m, &ended) < 0)
                return;
        view->ended = ended;
        view->has_ended = true;
        be_over(view, streq(ended.reason, "finished") ? EXIT_DONE : EXIT_ENDED_EARLY);
}

static void take_session_change(SessionView *view, sd_bus_message *m)
{
        Session *session = &view->scene.session;
        const Session before = *session;

        if (session_read(m, session) < 0)
                return;
        if (session->remaining_ms != before.remaining_ms || !streq(session->state, before.state))
                (void) sd_event_now(view->event, CLOCK_BOOTTIME, &view->said_us);
        /* In a pause everything is off and no frame says so. */
        if (streq(session->state, "paused"))
                view->scene.has_frame = false;
        /* The end has words of its own. */
        if (!streq(session->state, "ended"))
                session_show_change(view, session->step != before.step ||
                                                          !streq(session->state, before.state) ||
                                                          session->intensity_percent !=
                                                                          before.intensity_percent);
}

static void take_change(SessionView *view, sd_bus_message *m)
{
        const char *path = sd_bus_message_get_path(m), *interface;

        if (sd_bus_message_read_basic(m, 's', &interface) <= 0)
                return;
        if (streq(interface, KNEED_SESSION) && streq(path, view->scene.session.path))
                take_session_change(view, m);
        else if (streq(interface, KNEED_MASSAGER) && streq(path, view->scene.massager.path))
                (void) massager_read(m, &view->scene.massager);
}

static void take_removed(SessionView *view, sd_bus_message *m)
{
        const char *path;

        if (sd_bus_message_read_basic(m, 'o', &path) <= 0 || !streq(path, view->scene.session.path))
                return;
        be_over(view, EXIT_ENDED_EARLY);
}

static int on_signal_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        SessionView *view = userdata;
        const char *path = sd_bus_message_get_path(m);
        const bool ours = path && streq(path, view->scene.session.path);

        if (sd_event_get_state(view->event) >= SD_EVENT_EXITING)
                return 0;
        if (ours && sd_bus_message_is_signal(m, KNEED_SESSION, "Frame"))
                take_frame(view, m);
        else if (ours && sd_bus_message_is_signal(m, KNEED_SESSION, "Ended"))
                take_ended(view, m);
        else if (sd_bus_message_is_signal(m, PROPERTIES, "PropertiesChanged"))
                take_change(view, m);
        else if (sd_bus_message_is_signal(m, OBJECT_MANAGER, "InterfacesRemoved"))
                take_removed(view, m);
        return 0;
}

/* The daemon left the bus, or the bus left us. */
static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        SessionView *view = userdata;

        if (sd_event_get_state(view->event) < SD_EVENT_EXITING)
                session_view_finish(view, EXIT_UNREACHABLE);
        return 0;
}

static void show_error(SessionView *view, const sd_bus_error *error)
{
        char sentence[CLIENT_SENTENCE_SIZE];

        if (!error || view->stopping)
                return;
        (void) client_explain(
                        view->client->options, -sd_bus_error_get_errno(error), error, sentence);
        text_clean(sentence, view->scene.message, sizeof(view->scene.message));
        session_show_picture(view);
}

static int on_call_done(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        SessionView *view = userdata;

        view->asked_percent = 0;
        show_error(view, sd_bus_message_get_error(m));
        return 0;
}

/* A stop is never refused, as a report is by a kneed that is called too often. */
static void stop_for_pain(SessionView *view, const sd_bus_error *error)
{
        char sentence[CLIENT_SENTENCE_SIZE];

        (void) client_explain(
                        view->client->options, -sd_bus_error_get_errno(error), error, sentence);
        text_clean(sentence, view->pain.sentence, sizeof(view->pain.sentence));
        view->unheard = true;
        if (view->role == VIEW_WATCH)
                session_view_call(view, "Stop", 0);
        else if (!view->stopping)
                session_view_leave(view, EXIT_ENDED_EARLY);
}

static void take_pain_result(SessionView *view, sd_bus_message *m)
{
        if (pain_result_read(m, &view->pain) >= 0)
                text_clean(view->pain.sentence[0] ? view->pain.sentence : "It is noted.",
                                view->scene.message, sizeof(view->scene.message));
}

static int on_pain_done(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        SessionView *view = userdata;

        view->reporting = false;
        if (!error)
                take_pain_result(view, m);
        else if (view->reported >= PAIN_STOPS && !view->over)
                stop_for_pain(view, error);
        else
                show_error(view, error);
        if (view->over)
                session_view_finish(view, view->over_code);
        else
                session_show_picture(view);
        return 0;
}

void session_view_call(SessionView *view, const char *member, uint32_t percent)
{
        Client *client = view->client;

        /* A call that cannot be sent is a lost connection, which tells so itself. */
        (void) sd_bus_call_method_async(client->bus, NULL, client->peer, view->scene.session.path,
                        KNEED_SESSION, member, on_call_done, view, percent > 0 ? "u" : NULL,
                        percent);
}

/* SR-PAIN */
void session_view_report_pain(SessionView *view, unsigned score)
{
        Client *client = view->client;

        view->reported = score;
        view->reporting = sd_bus_call_method_async(client->bus, NULL, client->peer,
                                          view->scene.session.path, KNEED_SESSION, "ReportPain",
                                          on_pain_done, view, "u", score) >= 0;
}

static int on_stop_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
        SessionView *view = userdata;

        session_view_finish(view, view->stop_code);
        return 0;
}

void session_view_leave(SessionView *view, ExitCode code)
{
        if (view->role == VIEW_WATCH || view->stopping) {
                session_view_finish(view, code);
                return;
        }
        view->stopping = true;
        view->stop_code = code;
        session_view_call(view, "Stop", 0);
        (void) snprintf(view->scene.message, sizeof(view->scene.message), "Stopping.");
        session_show_picture(view);
        if (sd_event_add_time_relative(view->event, NULL, CLOCK_BOOTTIME, STOP_WAIT_US, 0,
                            on_stop_timeout, view) < 0)
                session_view_finish(view, code);
}

static int on_unix_signal(
                sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        session_view_leave(userdata, EXIT_SIGNAL + info->ssi_signo);
        return 0;
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        SessionView *view = userdata;

        terminal_forget(&view->terminal);
        session_show_picture(view);
        return 0;
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        SessionView *view = userdata;
        char keys[64];
        ssize_t n = 0;

        if (revents & EPOLLIN)
                n = read(fd, keys, sizeof(keys));
        if (n > 0) {
                session_keys_take(view, keys, (size_t) n);
                return 0;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        /* The terminal was closed. It stays readable from now on, so look no more. */
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        session_view_leave(view, EXIT_SIGNAL + SIGHUP);
        return 0;
}

static int listen_to_bus(SessionView *view)
{
        Client *client = view->client;
        char match[256];
        int r;

        (void) snprintf(match, sizeof(match), "type='signal',sender='%s',path_namespace='%s'",
                        client->peer, KNEED_ROOT);
        r = sd_bus_add_match(client->bus, NULL, match, on_signal_message, view);
        if (r < 0)
                return r;
        /* The owner is pinned, so any other owner is not it. */
        (void) snprintf(match, sizeof(match),
                        "type='signal',sender='" BUS_DRIVER "',member='NameOwnerChanged',"
                        "arg0='" KNEED_BUS_NAME "'");
        r = sd_bus_add_match(client->bus, NULL, match, on_gone, view);
        if (r < 0)
                return r;
        r = sd_bus_add_match(client->bus, NULL,
                        "type='signal',sender='org.freedesktop.DBus.Local',"
                        "interface='org.freedesktop.DBus.Local',member='Disconnected'",
                        on_gone, view);
        if (r < 0)
                return r;
        return sd_bus_attach_event(client->bus, view->event, SD_EVENT_PRIORITY_NORMAL);
}

static int listen_to_signals(SessionView *view, const int *signals, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = sd_event_add_signal(view->event, NULL, signals[i] | SD_EVENT_SIGNAL_PROCMASK,
                                on_unix_signal, view);
        return r;
}

/* A kneectl that stands still keeps its connection, and its session would play on with nobody there
 * to end it. So what would make it stand still ends it instead, from before a session begins. */
static int listen_to_job_control(SessionView *view)
{
        static const int signals[] = { SIGTSTP, SIGTTIN, SIGTTOU };

        return listen_to_signals(view, signals, ELEMENTSOF(signals));
}

static int listen_to_person(SessionView *view)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
        int r;

        r = listen_to_signals(view, signals, ELEMENTSOF(signals));
        if (r < 0)
                return r;
        return sd_event_add_signal(
                        view->event, NULL, SIGWINCH | SD_EVENT_SIGNAL_PROCMASK, on_resize, view);
}

ExitCode session_view_new(Client *client, ViewRole role, SessionView **ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(session_view_freep) SessionView *view = NULL;
        Manager manager;
        int r;

        view = calloc(1, sizeof(*view));
        if (!view)
                return client_complain(client, -ENOMEM, NULL);
        view->client = client;
        view->role = role;
        view->remote = client->options->host;
        r = client_pin(client, &error, &manager);
        if (r < 0)
                return client_complain(client, r, &error);
        view->limit_permille = permille_or_full(manager.level_permille);
        /* A full block is the highest level of a first session, until a higher one is seen: most
         * sessions stay below it, and would all look faint on the whole scale. */
        view->scene.full_permille = permille_or_full(manager.first_level_permille);
        r = sd_event_default(&view->event);
        if (r >= 0)
                r = listen_to_job_control(view);
        if (r >= 0)
                r = listen_to_bus(view);
        if (r < 0)
                return client_complain(client, r, NULL);
        *ret = TAKE_PTR(view);
        return EXIT_DONE;
}

SessionView *session_view_free(SessionView *view)
{
        if (!view)
                return NULL;
        (void) sd_bus_detach_event(view->client->bus);
        sd_event_unref(view->event);
        free(view);
        return NULL;
}

const Ended *session_view_ended(const SessionView *view)
{
        return view->has_ended ? &view->ended : NULL;
}

static int get_all(SessionView *view, const char *path, const char *interface, sd_bus_error *error,
                sd_bus_message **ret)
{
        return client_call(view->client, path, PROPERTIES, "GetAll", error, ret, "s", interface);
}

/* A session that ended meanwhile is no error: its last words wait in the queue. */
static int read_objects(SessionView *view, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *session = NULL, *massager = NULL;
        Scene *scene = &view->scene;
        int r;

        r = get_all(view, scene->session.path, KNEED_SESSION, error, &session);
        if (r < 0)
                return sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ? 0 : r;
        r = session_read(session, &scene->session);
        if (r < 0)
                return r;
        (void) sd_event_now(view->event, CLOCK_BOOTTIME, &view->said_us);
        if (!scene->session.massager[0])
                return 0;
        (void) snprintf(scene->massager.path, sizeof(scene->massager.path), "%s",
                        scene->session.massager);
        r = get_all(view, scene->massager.path, KNEED_MASSAGER, error, &massager);
        if (r < 0)
                return sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ? 0 : r;
        r = massager_read(massager, &scene->massager);
        if (r >= 0 && scene->massager.warning[0])
                say(stderr, "%s", scene->massager.warning);
        return r;
}

static int subscribe(SessionView *view, sd_bus_error *error)
{
        const uint32_t rate = view->terminal.picture ? FRAMES_PICTURE : FRAMES_LINES;
        int r;

        if (options_has(view->client->options, OPTION_QUIET))
                return 0;
        r = client_call(view->client, view->scene.session.path, KNEED_SESSION, "Subscribe", error,
                        NULL, "u", rate);
        return r < 0 && sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ? 0 : r;
}

static int take_terminal(SessionView *view)
{
        const Options *options = view->client->options;
        const bool live = options->json == JSON_OFF && !options_has(options, OPTION_QUIET);
        uint32_t events = 0; /* its hang-up is told all the same */
        int r;

        terminal_open(&view->terminal);
        if (!live)
                view->terminal.picture = false;
        if (!view->terminal.input)
                return 0;
        if (view->terminal.picture) {
                r = terminal_take_keys(&view->terminal);
                if (r < 0)
                        return r;
                view->scene.keys = view->role == VIEW_RUN ? SCENE_KEYS_RUN : SCENE_KEYS_WATCH;
                events = EPOLLIN;
        }
        return sd_event_add_io(view->event, NULL, STDIN_FILENO, events, on_input, view);
}

static int begin(SessionView *view, sd_bus_error *error)
{
        int r;

        r = listen_to_person(view);
        if (r < 0)
                return r;
        r = take_terminal(view);
        if (r < 0)
                return r;
        r = read_objects(view, error);
        if (r < 0)
                return r;
        r = subscribe(view, error);
        if (r < 0)
                return r;
        if (view->scene.session.state[0])
                session_show_change(view, true);
        return 0;
}

ExitCode session_view_follow(SessionView *view, const char *path)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (strlen(path) >= sizeof(view->scene.session.path))
                return client_complain(view->client, -EBADMSG, NULL);
        (void) snprintf(view->scene.session.path, sizeof(view->scene.session.path), "%s", path);
        r = begin(view, &error);
        if (r < 0) {
                terminal_close(&view->terminal);
                return client_complain(view->client, r, &error);
        }
        r = sd_event_loop(view->event);
        /* Off the bus before anything is said: the lease ends here, even if nobody takes the words.
         */
        (void) sd_bus_detach_event(view->client->bus);
        sd_bus_close(view->client->bus);
        if (r >= 0 && r != EXIT_UNREACHABLE)
                session_show_end(view, (ExitCode) r);
        terminal_close(&view->terminal);
        if (r < 0)
                return client_complain(view->client, r, NULL);
        if (r == EXIT_UNREACHABLE)
                return client_complain_gone(view->client);
        return (ExitCode) r;
}
