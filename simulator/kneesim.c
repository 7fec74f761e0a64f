/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "common/macro.h"
#include "simulator/kneesim-control.h"
#include "simulator/kneesim-options.h"

enum {
        EXIT_DONE = 0,
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
};

static int complain(const char *sentence)
{
        (void) fprintf(stderr, "kneesim: %s\n", sentence);
        return EXIT_FAILED;
}

static const char *why_not_attached(int r)
{
        switch (r) {
        case -ENODEV:
                return "The kernel has no virtual USB host; load it with: modprobe vhci-hcd";
        case -EACCES:
        case -EPERM:
                return "Only root may plug into the kernel; try again with sudo.";
        case -EBUSY:
                return "Something is plugged into that port; choose another one.";
        case -ENOENT:
                return "There is no such port, or no free one; unplug something, or choose "
                       "another.";
        default:
                return "The kernel did not take the massager; dmesg may say why.";
        }
}

static void on_gone(void *userdata, int r)
{
        if (r == -ENOTCONN || r == -EPIPE || r == -ECONNRESET)
                (void) complain("The kernel let go of the massager; plug it in again.");
        else
                (void) complain(why_not_attached(r));
        (void) sd_event_exit(userdata, EXIT_FAILED);
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Plug *, plug_free)
DEFINE_TRIVIAL_CLEANUP_FUNC(ControlServer *, control_server_free)

/* SIGTERM and SIGINT end the loop. */
static int add_signals(sd_event *event)
{
        sigset_t set;
        int r;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r < 0)
                return r;
        return sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

static int plug_in(KneesimOptions *options)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(plug_freep) Plug *plug = NULL;
        _cleanup_(control_server_freep) ControlServer *server = NULL;
        int r;

        if (sd_event_new(&event) < 0 || add_signals(event) < 0)
                return complain("There is no event loop to be had; free some memory.");
        options->plug.gone = on_gone;
        options->plug.userdata = event;
        r = plug_new(event, &options->plug, &plug);
        if (r < 0)
                return complain("The record cannot be written; choose another file.");
        if (options->control) {
                r = control_server_new(event, options->control, plug, &server);
                if (r < 0)
                        return complain("The control socket cannot be there; choose another path.");
        }
        r = plug_attach(plug);
        if (r < 0)
                return complain(why_not_attached(r));
        (void) printf("Plugged into port %d.\n", plug_port(plug));
        (void) fflush(stdout);

        r = sd_event_loop(event);
        return r < 0 ? complain("The event loop broke; this is a fault of kneesim.") : r;
}

static int say(const KneesimOptions *options)
{
        char answer[CONTROL_ANSWER_MAX];
        int r;

        r = control_say(options->control, options->line, answer);
        switch (r) {
        case 0:
                (void) fputs(answer, stdout);
                return EXIT_DONE;
        case -EREMOTEIO:
                return complain(answer);
        case -ENOENT:
        case -ECONNREFUSED:
                return complain("No kneesim listens there; start one with plug --control SOCKET.");
        case -EACCES:
                return complain("That kneesim is another user's; try again with sudo.");
        default:
                return complain("That kneesim does not answer; see whether it still runs.");
        }
}

int main(int argc, char *argv[])
{
        char error[KNEESIM_ERROR_SIZE];
        KneesimOptions options;

        if (kneesim_options_parse(argc, argv, &options, error) < 0) {
                (void) complain(error);
                return EXIT_USAGE;
        }
        switch (options.verb) {
        case KNEESIM_PLUG:
                return plug_in(&options);
        case KNEESIM_CONTROL:
                return say(&options);
        case KNEESIM_HELP:
                kneesim_help(stdout);
                return EXIT_DONE;
        case KNEESIM_VERSION:
                (void) puts("kneesim " KNEED_VERSION);
                return EXIT_DONE;
        }
        return EXIT_USAGE;
}
