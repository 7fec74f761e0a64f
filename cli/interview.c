/* SPDX-License-Identifier: MIT */
#include "cli/interview.h"

#include <errno.h>

#include "cli/screening.h"
#include "cli/text.h"

static int ask_how(Ask *ask, const char *leg, const char *when)
{
        char question[96];

        (void) snprintf(question, sizeof(question), "\nHow is the %s knee %s, 0 to 10?", leg, when);
        return ask_score(ask, question);
}

static ExitCode report(Client *client, const char *leg, unsigned score, const char *when)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        PainResult result;
        int r;

        r = client_report_pain(client, leg, score, when, &error, &result);
        if (r < 0)
                return client_complain(client, r, &error);
        if (result.sentence[0])
                say_wrapped(stdout, "", result.sentence);
        return EXIT_DONE;
}

static ExitCode get_leg(Client *client, const char *leg, LegState *ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = client_get_leg(client, leg, &error, ret);
        return r < 0 ? client_complain(client, r, &error) : EXIT_DONE;
}

/* SR-MORNING */
static ExitCode ask_about_morning(Client *client, Ask *ask, const char *leg)
{
        int score;

        score = ask_how(ask, leg, "this morning");
        if (score < 0)
                return ask->code;
        return report(client, leg, (unsigned) score, "morning");
}

static ExitCode screen(Client *client, Ask *ask)
{
        Screening screening;
        Answers answers;
        ExitCode code;

        code = screening_ask(client, ask, &answers);
        if (code != EXIT_DONE)
                return code;
        code = screening_send(client, &answers, &screening);
        if (code != EXIT_DONE)
                return code;
        if (!screening_permits(&screening)) {
                complain("%s", screening.sentence);
                return EXIT_REFUSED;
        }
        screening_say(&screening);
        return EXIT_DONE;
}

/* 1 where something is. */
static int ask_for_news(Ask *ask)
{
        say(stdout, "\nAnything new since your last session:");
        say(stdout, "fever, swelling, injury, numbness, a wound?");
        return ask_yes_or_no(ask);
}

/* SR-SCREENING */
static ExitCode make_sure(Client *client, Ask *ask, const LegState *state)
{
        int news;

        if (!streq(state->error, "ScreeningNeeded")) {
                news = ask_for_news(ask);
                if (news < 0)
                        return ask->code;
                if (news == 0)
                        return EXIT_DONE;
        }
        return screen(client, ask);
}

/* SR-ADVICE */
ExitCode interview_before(Client *client, Ask *ask, Said *said)
{
        const char *leg = said->leg;
        LegState state;
        ExitCode code;
        int score;

        code = get_leg(client, leg, &state);
        if (code == EXIT_DONE && state.morning_due) {
                code = ask_about_morning(client, ask, leg);
                if (code == EXIT_DONE)
                        code = get_leg(client, leg, &state);
        }
        if (code != EXIT_DONE)
                return code;
        if (!state.may_start && !streq(state.error, "ScreeningNeeded")) {
                complain("%s", state.sentence);
                return EXIT_REFUSED;
        }
        if (state.advice[0])
                say_wrapped(stdout, "", state.advice);

        code = make_sure(client, ask, &state);
        if (code != EXIT_DONE)
                return code;
        said->nothing_new = true;
        if (said->has_pain)
                return EXIT_DONE;
        score = ask_how(ask, leg, "now");
        if (score < 0)
                return ask->code;
        said->has_pain = true;
        said->pain = (unsigned) score;
        return EXIT_DONE;
}

void interview_after(Client *client, Ask *ask, const char *leg)
{
        int score;

        score = ask_how(ask, leg, "now");
        if (score >= 0)
                (void) report(client, leg, (unsigned) score, "after");
}
