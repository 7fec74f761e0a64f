/* SPDX-License-Identifier: MIT */
#include "simulator/kneesim-options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>

#include "common/macro.h"
#include "simulator/kneesim-vhci.h"
#include "simulator/trance-vibrator.h"
#include "simulator/usb-device-faults.h"

#define PORT_MAX 9999u

enum {
        OPTION_MODEL = 1,
        OPTION_SERIAL,
        OPTION_RECORD,
        OPTION_FAULT,
        OPTION_CONTROL,
        OPTION_PORT,
        OPTION_HELP,
        OPTION_VERSION,
};

static int _printf_(2, 3) fail(char error[static KNEESIM_ERROR_SIZE], const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(error, KNEESIM_ERROR_SIZE, format, ap);
        va_end(ap);
        return -EINVAL;
}

void kneesim_help(FILE *to)
{
        (void) fputs("kneesim plug [OPTIONS…]\n"
                     "kneesim control SOCKET WORDS…\n"
                     "\n"
                     "Plugs a simulated knee massager into the running kernel, by USB/IP.\n"
                     "\n"
                     "  --model NAME      reference (a kneed massager) or trance-vibrator\n"
                     "  --serial TEXT     its serial number\n"
                     "  --record FILE     let it write down there what its motors do\n"
                     "  --fault NAME      let something go wrong; may be given several times\n"
                     "  --control SOCKET  listen there for words, see below\n"
                     "  --port N          the port of vhci-hcd; the first free one by default\n"
                     "  --version         say the version\n"
                     "  --help            say this\n"
                     "\n"
                     "It stays until it is ended, by Ctrl-C for example, or told to unplug.\n"
                     "Words for control:\n"
                     "\n",
                        to);
        words_help(to, "  ");
}

static int parse_model(const char *text, PlugModel *ret, char error[static KNEESIM_ERROR_SIZE])
{
        if (streq(text, "reference"))
                *ret = PLUG_REFERENCE;
        else if (streq(text, "trance-vibrator"))
                *ret = PLUG_TRANCE_VIBRATOR;
        else
                return fail(error,
                                "There is no model \"%.40s\"; take reference or trance-vibrator.",
                                text);
        return 0;
}

static int parse_serial(const char *text, const char **ret, char error[static KNEESIM_ERROR_SIZE])
{
        size_t size = strlen(text);

        if (size == 0 || size > USB_TEXT_MAX)
                return fail(error, "A serial number has 1 to %u characters.", USB_TEXT_MAX);
        for (size_t i = 0; i < size; i++)
                if (text[i] <= ' ' || text[i] > '~')
                        return fail(error, "A serial number is printable ASCII without spaces.");
        *ret = text;
        return 0;
}

static int parse_fault(const char *text, uint32_t *faults, char error[static KNEESIM_ERROR_SIZE])
{
        uint32_t fault = usb_fault_by_name(text);

        if (fault == 0)
                return fail(error, "There is no fault \"%.40s\"; --help lists them.", text);
        *faults |= fault;
        return 0;
}

static int parse_port(const char *text, int *ret, char error[static KNEESIM_ERROR_SIZE])
{
        unsigned port;

        if (words_number(text, PORT_MAX, &port) < 0)
                return fail(error, "A port is a number from 0 to %u.", PORT_MAX);
        *ret = (int) port;
        return 0;
}

static int parse_option(int option, const char *text, KneesimOptions *o,
                char error[static KNEESIM_ERROR_SIZE])
{
        switch (option) {
        case OPTION_MODEL:
                return parse_model(text, &o->plug.model, error);
        case OPTION_SERIAL:
                return parse_serial(text, &o->plug.serial, error);
        case OPTION_RECORD:
                o->plug.record = text;
                return 0;
        case OPTION_FAULT:
                return parse_fault(text, &o->plug.faults, error);
        case OPTION_CONTROL:
                o->control = text;
                return 0;
        case OPTION_PORT:
                return parse_port(text, &o->plug.port, error);
        default:
                return fail(error, "This is not understood; see kneesim --help.");
        }
}

/* The words after the socket, as one line. */
static int join(char *const words[], int n, char ret[static WORDS_LINE_MAX],
                char error[static KNEESIM_ERROR_SIZE])
{
        size_t size = 0;

        for (int i = 0; i < n; i++) {
                int k = snprintf(ret + size, WORDS_LINE_MAX - size, "%s%s", i > 0 ? " " : "",
                                words[i]);

                if (k < 0 || (size_t) k >= WORDS_LINE_MAX - 1 - size)
                        return fail(error, "That is too much at once.");
                size += (size_t) k;
        }
        if (strchr(ret, '\n'))
                return fail(error, "Say one line at a time.");
        return 0;
}

static int parse_verb(char *const words[], int n, KneesimOptions *o,
                char error[static KNEESIM_ERROR_SIZE])
{
        if (n == 1 && streq(words[0], "plug")) {
                o->verb = KNEESIM_PLUG;
                return 0;
        }
        if (n >= 1 && streq(words[0], "control")) {
                if (n < 3)
                        return fail(error, "Say it so: kneesim control SOCKET WORDS…");
                o->verb = KNEESIM_CONTROL;
                o->control = words[1];
                return join(words + 2, n - 2, o->line, error);
        }
        return fail(error, "Say what to do, plug or control; see kneesim --help.");
}

/* A fault that its model cannot have would be a knob that does nothing. */
static int check_faults(const PlugOptions *plug, char error[static KNEESIM_ERROR_SIZE])
{
        if (plug->model == PLUG_TRANCE_VIBRATOR && plug->faults & ~TRANCE_FAULTS)
                return fail(error, "A trance vibrator cannot have all of these faults; "
                                   "see kneesim(1).");
        return 0;
}

int kneesim_options_parse(
                int argc, char *argv[], KneesimOptions *ret, char error[static KNEESIM_ERROR_SIZE])
{
        static const struct option options[] = {
                { "model", required_argument, NULL, OPTION_MODEL },
                { "serial", required_argument, NULL, OPTION_SERIAL },
                { "record", required_argument, NULL, OPTION_RECORD },
                { "fault", required_argument, NULL, OPTION_FAULT },
                { "control", required_argument, NULL, OPTION_CONTROL },
                { "port", required_argument, NULL, OPTION_PORT },
                { "version", no_argument, NULL, OPTION_VERSION },
                { "help", no_argument, NULL, OPTION_HELP },
                { 0 },
        };
        KneesimOptions o = { .plug.directory = VHCI_DIRECTORY, .plug.port = VHCI_ANY_PORT };
        int option, r;

        optind = 0;
        opterr = 0;
        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
                if (option == OPTION_HELP || option == OPTION_VERSION) {
                        o.verb = option == OPTION_HELP ? KNEESIM_HELP : KNEESIM_VERSION;
                        *ret = o;
                        return 0;
                }
                r = parse_option(option, optarg, &o, error);
                if (r < 0)
                        return r;
        }
        r = parse_verb(argv + optind, argc - optind, &o, error);
        if (r < 0)
                return r;
        r = check_faults(&o.plug, error);
        if (r < 0)
                return r;
        *ret = o;
        return 0;
}
