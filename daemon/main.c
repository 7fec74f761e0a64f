/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "common/macro.h"
#include "daemon/bus.h"
#include "daemon/check.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/reference.h"
#include "daemon/status.h"
#include "daemon/transport-virtual.h"
#include "daemon/usb.h"

/* How long start-up waits for massagers to say what they are, before the name is taken: whoever
 * calls then finds them. Ten times what a healthy one needs. */
#define SETTLE_MS 300u
/* The same for a ledger on a disk that is slow or busy: nothing can start before it was read. */
#define SETTLE_LEDGER_MS 3000u

#define NSEC_PER_USEC 1000

typedef struct Options {
        BusKind bus;
        bool virtual_massager;
        const char *virtual_record;
        ConfigPaths paths;
        const char *state_dir; /* NULL: where systemd or the person's home says */
        bool checks;           /* the config, and does nothing else */
} Options;

static int help(void)
{
        puts("kneed [OPTIONS…]\n"
             "kneed [OPTIONS…] --check-config [FILE…]\n"
             "\n"
             "Gives a USB knee massager the judgement of a careful therapist.\n"
             "\n"
             "  --user                  serve the session bus instead of the system bus\n"
             "  --virtual               attach a massager in software\n"
             "  --virtual-record FILE   let it write down there what its motors do\n"
             "  --config-dir DIR        read kneed.conf, limits.conf and routines.d from DIR\n"
             "                          instead of " KNEED_CONFIG_DIR "\n"
             "  --data-dir DIR          read the routines that come with kneed from DIR\n"
             "                          instead of " KNEED_DATA_DIR "\n"
             "  --state-dir DIR         keep the ledger, what was done and felt, in DIR instead "
             "of\n"
             "                          " KNEED_STATE_DIR ", or ~/.local/state/kneed with --user\n"
             "  --check-config          say what is wrong in the config, and end; a FILE is read\n"
             "                          as if it stood in routines.d, or in the place of "
             "kneed.conf\n"
             "                          or limits.conf where that is its name\n"
             "  --version               say the version\n"
             "  --help                  say this\n"
             "\n"
             "kneed is not a medical device. kneectl(1) talks to it.");
        return 0;
}

/* Returns 1 to go on, 0 when all is said, -EINVAL for wrong options. */
static int parse(int argc, char *argv[], Options *ret)
{
        enum {
                OPTION_USER = 1,
                OPTION_VIRTUAL,
                OPTION_RECORD,
                OPTION_CONFIG,
                OPTION_DATA,
                OPTION_STATE,
                OPTION_CHECK,
                OPTION_VERSION,
                OPTION_HELP,
        };
        static const struct option options[] = {
                { "user", no_argument, NULL, OPTION_USER },
                { "virtual", no_argument, NULL, OPTION_VIRTUAL },
                { "virtual-record", required_argument, NULL, OPTION_RECORD },
                { "config-dir", required_argument, NULL, OPTION_CONFIG },
                { "data-dir", required_argument, NULL, OPTION_DATA },
                { "state-dir", required_argument, NULL, OPTION_STATE },
                { "check-config", no_argument, NULL, OPTION_CHECK },
                { "version", no_argument, NULL, OPTION_VERSION },
                { "help", no_argument, NULL, OPTION_HELP },
                { 0 },
        };
        int c;

        while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (c) {
                case OPTION_USER:
                        ret->bus = BUS_USER;
                        break;
                case OPTION_VIRTUAL:
                        ret->virtual_massager = true;
                        break;
                case OPTION_RECORD:
                        ret->virtual_record = optarg;
                        break;
                case OPTION_CONFIG:
                        ret->paths.etc_dir = optarg;
                        break;
                case OPTION_DATA:
                        ret->paths.data_dir = optarg;
                        break;
                case OPTION_STATE:
                        ret->state_dir = optarg;
                        break;
                case OPTION_CHECK:
                        ret->checks = true;
                        break;
                case OPTION_VERSION:
                        puts("kneed " KNEED_VERSION);
                        return 0;
                case OPTION_HELP:
                        return help();
                default:
                        return -EINVAL;
                }

        if (ret->checks) {
                ret->paths.files = (const char *const *) argv + optind;
                ret->paths.n_files = (size_t) (argc - optind);
        } else if (optind < argc) {
                log_error("kneed takes no argument %s; see: kneed --help", argv[optind]);
                return -EINVAL;
        }

        return 1;
}

static int load_config(const ConfigPaths *paths, Config **ret)
{
        _cleanup_free_ ConfigErrors *errors = calloc(1, sizeof(*errors));
        int r;

        if (!errors)
                return -ENOMEM;

        r = config_load(paths, ret, errors);
        if (r >= 0 && (*ret)->n_routines == 0)
                log_error("There is no routine in %s/routines.d or %s/routines.d, so nothing can "
                          "be "
                          "played; install kneed's again, or write one.",
                                paths->data_dir, paths->etc_dir);
        if (r != -EINVAL)
                return r;

        for (size_t i = 0; i < MIN(errors->n, (size_t) CONFIG_ERRORS_MAX); i++)
                log_error("%s", errors->text[i]);
        log_fields(3, &(const LogFields){ .message_id = LOG_CONFIG_WRONG },
                        "The config has %zu errors, so kneed does not start.", errors->n);
        return -EBADMSG;
}

/* Where the ledger is. A user's state is where the person's environment says, if that is a whole
 * path. */
static int find_state_dir(const Options *options, char ret[static PATH_MAX])
{
        const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
        int n;

        if (options->state_dir)
                n = snprintf(ret, PATH_MAX, "%s", options->state_dir);
        else if (options->bus == BUS_SYSTEM)
                n = snprintf(ret, PATH_MAX, "%s", KNEED_STATE_DIR);
        else if (state && state[0] == '/')
                n = snprintf(ret, PATH_MAX, "%s/kneed", state);
        else if (home && home[0] == '/')
                n = snprintf(ret, PATH_MAX, "%s/.local/state/kneed", home);
        else
                return -ENOENT;

        return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int attach_virtual(sd_event *event, Manager *manager, const char *record)
{
        Transport *transport;
        int r;

        r = transport_virtual_new(event, &sim_reference_design, record, &transport);
        if (r < 0)
                return r;

        return manager_add_transport(manager, transport);
}

static void on_usb_arrived(void *userdata, Transport *transport)
{
        Manager *manager = userdata;
        int r = manager_add_transport(manager, transport);

        if (r < 0 && r != -ENODEV)
                log_warning("A massager cannot be used: %s", strerror(-r));
}

static void on_woken(void *userdata)
{
        usb_reopen(userdata);
}

static UsbAllow usb_allow(const Manager *manager)
{
        return manager_config(manager)->allow_without_cut_off ? USB_ALLOW_ALL
                                                              : USB_ALLOW_WITH_CUT_OFF;
}

/* No USB is no reason not to run: a machine may have none, or get it later. */
static void attach_usb(sd_event *event, Manager *manager, Usb **ret)
{
        if (usb_new(event, usb_allow(manager), on_usb_arrived, manager, ret) < 0)
                log_warning("There is no USB here that kneed can use; only the virtual massager "
                            "can be attached.");
}

/* Blocked here, so that every thread inherits it and the loop alone hears of signals. */
static int catch_signals(sd_event *event)
{
        static const int signals[] = { SIGTERM, SIGINT };
        sigset_t set;
        int r;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGHUP);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void) sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);
        (void) signal(SIGCHLD, SIG_IGN); /* nobody waits for the helpers of USB */

        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                r = sd_event_add_signal(event, NULL, signals[i], NULL, NULL);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        unsigned load;
        int r = manager_reload(userdata, &load);

        if (r < 0)
                log_error("The config cannot be read anew: %s", strerror(-r));
        return 0;
}

/* Whoever started kneed from a terminal and closes it wants it gone; all others want it to read its
 * config anew. */
static int catch_hangup(sd_event *event, Manager *manager)
{
        if (isatty(STDIN_FILENO))
                return sd_event_add_signal(event, NULL, SIGHUP, NULL, NULL);

        return sd_event_add_signal(event, NULL, SIGHUP, on_hangup, manager);
}

/* The watchdog is tight while a massager works, and off while all is at rest, so that nothing wakes
 * up then. */
static void on_plays(void *userdata, bool plays)
{
        uint64_t usec;

        if (sd_watchdog_enabled(0, &usec) <= 0)
                return;

        (void) sd_notifyf(0, "WATCHDOG_USEC=%" PRIu64, plays ? usec : 0);
        (void) sd_event_set_watchdog(userdata, plays);
}

/* What `systemctl status` says, as told last. */
typedef struct Status {
        const Manager *manager;
        char text[STATUS_TEXT_MAX];
} Status;

static void on_news(void *userdata)
{
        char text[STATUS_TEXT_MAX];
        Status *status = userdata;

        status_text(status->manager, text);
        if (streq(text, status->text))
                return;

        memcpy(status->text, text, sizeof(status->text));
        (void) sd_notifyf(0, "STATUS=%s", text);
}

/* What systemd is told of, and what has to follow the config. */
typedef struct Follower {
        const Manager *manager;
        Usb *usb;
} Follower;

static void on_loads(void *userdata, bool loading)
{
        const Follower *follower = userdata;
        struct timespec now;

        if (loading) {
                /* To the microsecond: it must not lie before the moment of the request. */
                (void) clock_gettime(CLOCK_MONOTONIC, &now);
                (void) sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64 "%06li",
                                (int64_t) now.tv_sec, now.tv_nsec / NSEC_PER_USEC);
                return;
        }

        usb_set_allow(follower->usb, usb_allow(follower->manager));
        (void) sd_notify(0, "READY=1");
}

/* Until when to wait: what has settled needs no more. */
static uint64_t settles_until_ms(uint64_t begun_ms, const Manager *manager, const Usb *usb)
{
        uint64_t until_ms = begun_ms;

        if (!(manager_settled(manager) && usb_settled(usb)))
                until_ms = begun_ms + SETTLE_MS;
        if (history_state(manager_history(manager)) == LEDGER_OPENING)
                until_ms = begun_ms + SETTLE_LEDGER_MS;
        return until_ms;
}

static int settle(sd_event *event, const Manager *manager, const Usb *usb)
{
        uint64_t begun_ms = clock_now_ms(), until_ms, now_ms;
        int r;

        while ((until_ms = settles_until_ms(begun_ms, manager, usb)) > (now_ms = clock_now_ms())) {
                r = sd_event_run(event, (until_ms - now_ms) * USEC_PER_MS);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int fail(int r, const char *what)
{
        log_error("%s: %s", what, strerror(-r));
        return r;
}

static int run(sd_event *event, const Options *options)
{
        _cleanup_(usb_freep) Usb *usb = NULL;
        _cleanup_(manager_freep) Manager *manager = NULL;
        _cleanup_(bus_freep) Bus *bus = NULL;
        char state_dir[PATH_MAX];
        Follower follower;
        Status status;
        Config *config;
        int r;

        r = find_state_dir(options, state_dir);
        if (r < 0)
                return fail(r, "Cannot tell where to keep the ledger; use --state-dir");
        r = load_config(&options->paths, &config);
        if (r < 0)
                return r;
        r = manager_new(event, config, state_dir, &manager);
        if (r < 0)
                return fail(r, "Cannot set up");
        r = bus_new(event, options->bus, manager, &bus);
        if (r < 0)
                return fail(r, "Cannot connect to the bus");

        if (options->virtual_massager || options->virtual_record ||
                        manager_config(manager)->virtual_massager) {
                r = attach_virtual(event, manager, options->virtual_record);
                if (r < 0)
                        return fail(r, "Cannot attach the virtual massager");
        }

        attach_usb(event, manager, &usb);
        bus_set_woken(bus, on_woken, usb);
        r = settle(event, manager, usb);
        if (r < 0)
                return fail(r, "Cannot run the event loop");
        r = bus_acquire_name(bus);
        if (r < 0)
                return fail(r, "Cannot take the name org.kneed1; another kneed may be running");

        follower = (Follower){ manager, usb };
        manager_set_loads(manager, on_loads, &follower);
        r = manager_set_paths(manager, &options->paths);
        if (r >= 0)
                r = catch_hangup(event, manager);
        if (r < 0)
                return fail(r, "Cannot set up");

        status.manager = manager;
        status_text(manager, status.text);
        (void) sd_notifyf(0, "READY=1\nSTATUS=%s", status.text);
        manager_set_news(manager, on_news, &status);
        manager_set_plays(manager, on_plays, event);
        on_plays(event, false);
        r = sd_event_loop(event);
        (void) sd_notify(0, "STOPPING=1");
        manager_shut_down(manager);
        return r;
}

int main(int argc, char *argv[])
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Layout reference;
        Options options = {
                .paths = { .etc_dir = KNEED_CONFIG_DIR,
                                .data_dir = KNEED_DATA_DIR,
                                .reference = &reference },
        };
        int r;

        (void) umask(0077);
        r = parse(argc, argv, &options);
        if (r <= 0)
                return r < 0 ? 2 : 0;

        reference_layout(&reference);
        options.paths.renders_tried = options.checks;
        if (options.checks)
                return check_config(&options.paths) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;

        r = sd_event_default(&event);
        if (r >= 0)
                r = catch_signals(event);
        if (r < 0) {
                (void) fail(r, "Cannot set up");
                return EXIT_FAILURE;
        }

        /* A bus that went away ends the loop with a code of its own. */
        r = run(event, &options);
        if (r == -EBADMSG)
                return EX_CONFIG;
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
