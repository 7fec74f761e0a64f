/* SPDX-License-Identifier: MIT */
#include "simulator/kneesim-words.h"

#include <errno.h>
#include <stdarg.h>

#include "common/macro.h"
#include "simulator/usb-device-faults.h"

#define MORE_WORDS_MAX   2u
#define REPLUG_DEFAULT_S 1u
#define REPLUG_MAX_S     3600u
#define MSEC_PER_S       1000u

typedef struct Verb {
        const char *name;
        const char *arguments;
        const char *meaning;
        unsigned least; /* words after the verb */
        unsigned most;
        WordsResult (*obey)(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer);
} Verb;

static WordsResult _printf_(2, 3) refuse(FILE *answer, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        (void) vfprintf(answer, format, ap);
        va_end(ap);
        return WORDS_REFUSED;
}

/* Returns 1 for the first word, 0 for the second, -EINVAL for another. */
static int one_of(const char *word, const char *yes, const char *no)
{
        if (streq(word, yes))
                return 1;
        return streq(word, no) ? 0 : -EINVAL;
}

static WordsResult obey_fault(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        UsbFunction *f = plug_device(plug)->function;
        uint32_t fault = usb_fault_by_name(words[0]);
        int on = one_of(words[1], "on", "off");

        if (fault == 0)
                return refuse(answer, "There is no fault \"%s\"; help lists them.", words[0]);
        if (on < 0)
                return refuse(answer, "A fault is on or off; \"%s\" is neither.", words[1]);
        if (!(f->vtable->faults & fault))
                return refuse(answer, "A %s cannot have the fault \"%s\".", f->vtable->name,
                                words[0]);
        f->vtable->inject(f, plug_now_ms(plug), on ? f->faults | fault : f->faults & ~fault);
        return WORDS_DONE;
}

static WordsResult obey_button(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        UsbFunction *f = plug_device(plug)->function;
        int pressed = one_of(words[0], "press", "release");

        if (!f->vtable->has_senses)
                return refuse(answer, "A %s has no stop button.", f->vtable->name);
        if (pressed < 0)
                return refuse(answer, "Press or release the button; \"%s\" is neither.", words[0]);
        sim_model_press_button(&f->model, plug_now_ms(plug), pressed);
        return WORDS_DONE;
}

static WordsResult obey_contact(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        UsbFunction *f = plug_device(plug)->function;
        int on = one_of(words[0], "on", "off");

        if (!f->vtable->has_senses)
                return refuse(answer, "A %s does not feel contact.", f->vtable->name);
        if (on < 0)
                return refuse(answer, "Contact is on or off; \"%s\" is neither.", words[0]);
        sim_model_set_contact(&f->model, plug_now_ms(plug), on);
        return WORDS_DONE;
}

static WordsResult obey_unplug(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        plug_detach(plug);
        return WORDS_END;
}

int words_number(const char *text, unsigned most, unsigned *ret)
{
        unsigned long number;
        char *end;

        if (text[0] < '0' || text[0] > '9')
                return -EINVAL;
        errno = 0;
        number = strtoul(text, &end, 10);
        if (*end != '\0')
                return -EINVAL;
        if (errno == ERANGE || number > most)
                return -ERANGE;
        *ret = (unsigned) number;
        return 0;
}

static WordsResult obey_replug(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        unsigned seconds = REPLUG_DEFAULT_S;

        if (words[0] && words_number(words[0], REPLUG_MAX_S, &seconds) < 0)
                return refuse(answer, "Seconds are a number from 0 to %u.", REPLUG_MAX_S);
        if (plug_replug(plug, seconds * (uint64_t) MSEC_PER_S) < 0)
                return refuse(answer, "It is unplugged, and cannot be plugged in again.");
        return WORDS_DONE;
}

static WordsResult obey_usb_reset(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        usb_device_reset(plug_device(plug), plug_now_ms(plug));
        return WORDS_DONE;
}

static void tell_faults(uint32_t faults, FILE *answer)
{
        for (size_t i = 0; i < n_usb_fault_names; i++)
                if (faults & usb_fault_names[i].fault)
                        (void) fprintf(answer, " %s", usb_fault_names[i].name);
        (void) fprintf(answer, "%s\n", faults == 0 ? " none" : "");
}

static WordsResult obey_status(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        static const char *const states[_KNEED_STATE_MAX] = {
                [KNEED_STATE_IDLE] = "idle",
                [KNEED_STATE_ARMED] = "armed",
                [KNEED_STATE_LATCHED] = "latched",
        };
        const UsbFunction *f = plug_device(plug)->function;
        const SimModel *m = &f->model;
        int port = plug_port(plug);

        (void) fprintf(answer, "model %s\n", f->vtable->name);
        if (port >= 0)
                (void) fprintf(answer, "port %d\n", port);
        else
                (void) fprintf(answer, "port none\n");
        (void) fprintf(answer, "state %s\nfaults %x\ninjected", states[m->state], m->faults);
        tell_faults(f->faults, answer);
        if (f->vtable->has_senses)
                (void) fprintf(answer, "button %s\ncontact %s\n",
                                m->button ? "pressed" : "released", m->contact ? "on" : "off");
        (void) fprintf(answer, "motors");
        for (unsigned i = 0; i < m->design->identity.n_actuators; i++)
                (void) fprintf(answer, " %u", sim_model_motor_permille(m, i));
        (void) fprintf(answer, "\nheaters");
        for (unsigned i = 0; i < m->design->identity.n_heaters; i++)
                (void) fprintf(answer, " %d", sim_model_heater_cc(m, i));
        (void) fprintf(answer, "\n");
        return WORDS_DONE;
}

static WordsResult obey_help(Plug *plug, char *words[static MORE_WORDS_MAX], FILE *answer)
{
        words_help(answer, "");
        return WORDS_DONE;
}

static const Verb verbs[] = {
        { "status", "", "what it does now", 0, 0, obey_status },
        { "fault", "NAME on|off", "something goes wrong, or right again", 2, 2, obey_fault },
        { "button", "press|release", "the stop button", 1, 1, obey_button },
        { "contact", "on|off", "on skin or not", 1, 1, obey_contact },
        { "usb-reset", "", "what the massager does when the bus is reset", 0, 0, obey_usb_reset },
        { "replug", "[SECONDS]", "out, and in again after a while", 0, 1, obey_replug },
        { "unplug", "", "out, and kneesim ends", 0, 0, obey_unplug },
        { "help", "", "this", 0, 0, obey_help },
};

void words_help(FILE *to, const char *indent)
{
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                (void) fprintf(to, "%s%-9s %-14s %s\n", indent, verbs[i].name, verbs[i].arguments,
                                verbs[i].meaning);
        (void) fprintf(to, "%sFaults:\n", indent);
        for (size_t i = 0; i < n_usb_fault_names; i++)
                (void) fprintf(to, "%s  %-16s %s\n", indent, usb_fault_names[i].name,
                                usb_fault_names[i].meaning);
}

WordsResult words_obey(Plug *plug, char *line, FILE *answer)
{
        char *words[MORE_WORDS_MAX] = { NULL }, *rest = line, *verb, *word;
        unsigned n = 0;

        verb = strtok_r(line, " ", &rest);
        if (!verb)
                return refuse(answer, "Say what to do; help lists what there is.");
        while ((word = strtok_r(NULL, " ", &rest))) {
                if (n < MORE_WORDS_MAX)
                        words[n] = word;
                n++;
        }
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                WordsResult result;

                if (!streq(verbs[i].name, verb))
                        continue;
                if (n < verbs[i].least || n > verbs[i].most)
                        return refuse(answer, "Say it so: %s %s.", verb, verbs[i].arguments);
                result = verbs[i].obey(plug, words, answer);
                if (result == WORDS_DONE)
                        plug_touched(plug);
                return result;
        }
        return refuse(answer, "There is no \"%s\"; help lists what there is.", verb);
}
