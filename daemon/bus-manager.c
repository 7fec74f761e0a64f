/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"

static const char *const refusal_errors[_REFUSAL_MAX] = {
        [REFUSAL_UNKNOWN_ROUTINE] = BUS_ERROR("UnknownRoutine"),
        [REFUSAL_UNKNOWN_MASSAGER] = BUS_ERROR("UnknownMassager"),
        [REFUSAL_NO_MASSAGER] = BUS_ERROR("NoMassager"),
        [REFUSAL_AMBIGUOUS_MASSAGER] = BUS_ERROR("AmbiguousMassager"),
        [REFUSAL_MASSAGER_BUSY] = BUS_ERROR("MassagerBusy"),
        [REFUSAL_MASSAGER_NOT_READY] = BUS_ERROR("MassagerNotReady"),
        [REFUSAL_UNSUITABLE_MASSAGER] = BUS_ERROR("UnsuitableMassager"),
        [REFUSAL_OUT_OF_RANGE] = BUS_ERROR("OutOfRange"),
        [REFUSAL_LIMIT_EXCEEDED] = BUS_ERROR("LimitExceeded"),
        [REFUSAL_SCREENING_NEEDED] = BUS_ERROR("ScreeningNeeded"),
        [REFUSAL_SCREENING_FORBIDS] = BUS_ERROR("ScreeningForbids"),
        [REFUSAL_ADVICE_NEEDED] = BUS_ERROR("AdviceNeeded"),
        [REFUSAL_PAIN_TOO_HIGH] = BUS_ERROR("PainTooHigh"),
        [REFUSAL_LEG_CLOSED] = BUS_ERROR("LegClosed"),
        [REFUSAL_RESTING] = BUS_ERROR("Resting"),
        [REFUSAL_LEDGER_UNAVAILABLE] = BUS_ERROR("LedgerUnavailable"),
        [REFUSAL_UNKNOWN_OFFER] = BUS_ERROR("UnknownOffer"),
};

static const char *const ledger_states[] = {
        [LEDGER_OPENING] = "opening",
        [LEDGER_READY] = "ready",
        [LEDGER_BROKEN] = "broken",
};

static int get_version(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", KNEED_VERSION);
}

static int get_limits(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        const Limits *limits = &manager_config(bus->manager)->limits;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
#define X(field, strictest, hard, unit, what) \
        if (r >= 0)                           \
                r = sd_bus_message_append(reply, "{sv}", #field, "u", (uint32_t) limits->field);
        LIMITS(X)
#undef X
        if (r < 0)
                return r;

        return sd_bus_message_close_container(reply);
}

static int get_default_leg(sd_bus *sd, const char *path, const char *interface,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;

        return sd_bus_message_append(reply, "s", leg_to_string(manager_config(bus->manager)->leg));
}

static int get_ledger(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;
        const History *history = manager_history(bus->manager);

        return sd_bus_message_append(reply, "s",
                        streq(property, "LedgerState") ? ledger_states[history_state(history)]
                                                       : history_reason(history));
}

void bus_ledger_changed(Bus *bus)
{
        (void) sd_bus_emit_properties_changed(
                        bus->bus, BUS_ROOT, BUS_MANAGER_IFACE, "LedgerState", "LedgerReason", NULL);
}

/* The values that an option can have; a is what the option's type says. */
typedef struct OptionValue {
        const char *s;
        uint32_t u;
        int b;
} OptionValue;

int bus_refuse(sd_bus_error *error, const char *name, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        (void) sd_bus_error_setfv(error, name, format, ap);
        va_end(ap);
        return -sd_bus_error_get_errno(error);
}

int bus_refuse_run(sd_bus_error *error, const RunRefusal *refusal)
{
        return bus_refuse(error, refusal_errors[refusal->why], "%s", refusal->sentence);
}

const char *bus_refusal_name(Refusal why)
{
        return refusal_errors[why] + strlen(BUS_ERROR_PREFIX);
}

/* Reads the variant that comes next, which must be of the option's type. */
static int read_option(sd_bus_message *call, const char *key, char type, OptionValue *ret,
                sd_bus_error *error)
{
        const char wanted[] = { type, '\0' };
        const char *contents;
        int r;

        r = sd_bus_message_peek_type(call, NULL, &contents);
        if (r < 0)
                return r;
        if (!streq(contents, wanted))
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "Option %s has the type %s, not %.16s.", key, wanted, contents);

        switch (type) {
        case 's':
                return sd_bus_message_read(call, "v", wanted, &ret->s);
        case 'u':
                return sd_bus_message_read(call, "v", wanted, &ret->u);
        default:
                return sd_bus_message_read(call, "v", wanted, &ret->b);
        }
}

int bus_read_text_option(
                sd_bus_message *call, const char *key, const char **ret, sd_bus_error *error)
{
        OptionValue value = { .s = NULL };
        int r;

        r = read_option(call, key, 's', &value, error);
        if (r < 0)
                return r;

        *ret = value.s;
        return 0;
}

static int take_leg(RunRequest *request, const char *s, sd_bus_error *error)
{
        request->leg = leg_from_string(s);
        if (request->leg == _LEG_INVALID)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"), "A leg is left or right.");

        return 0;
}

static int take_option(sd_bus_message *call, const char *key, RunRequest *request, unsigned *seen,
                sd_bus_error *error)
{
        static const struct {
                const char *key;
                char type;
        } options[] = { { "device", 's' }, { "leg", 's' }, { "minutes", 'u' }, { "intensity", 'u' },
                { "nothing_new", 'b' }, { "pain", 'u' }, { "detach", 'b' } };
        OptionValue value = { 0 };
        size_t i = 0;
        int r;

        while (i < ELEMENTSOF(options) && !streq(options[i].key, key))
                i++;
        if (i == ELEMENTSOF(options))
                return bus_refuse(error, BUS_ERROR("UnknownOption"),
                                "Run has no option of that name; it has device, leg, minutes, "
                                "intensity, nothing_new, pain and detach.");
        if (*seen & 1u << i)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"), "Option %s is there twice.",
                                key);
        *seen |= 1u << i;

        r = read_option(call, key, options[i].type, &value, error);
        if (r < 0)
                return r;

        switch (i) {
        case 0:
                request->device = value.s;
                return 0;
        case 1:
                return take_leg(request, value.s, error);
        case 2:
                request->has_minutes = true;
                request->minutes = value.u;
                return 0;
        case 3:
                request->has_intensity = true;
                request->intensity_percent = value.u;
                return 0;
        case 4:
                request->nothing_new = value.b;
                return 0;
        case 5:
                request->has_pain = true;
                request->pain = value.u;
                return 0;
        default:
                request->leased = !value.b;
                return 0;
        }
}

int bus_read_run_options(sd_bus_message *call, RunRequest *request, sd_bus_error *error)
{
        const char *key;
        unsigned seen = 0;
        int r;

        r = sd_bus_message_enter_container(call, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(call, 'e', "sv")) > 0) {
                r = sd_bus_message_read(call, "s", &key);
                if (r >= 0)
                        r = take_option(call, key, request, &seen, error);
                if (r >= 0)
                        r = sd_bus_message_exit_container(call);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        if (request->device && strlen(request->device) > BUS_STRING_MAX)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "A massager's id has at most %u bytes.", BUS_STRING_MAX);

        return sd_bus_message_exit_container(call);
}

static int read_request(sd_bus_message *call, RunRequest *request, sd_bus_error *error)
{
        int r;

        r = sd_bus_message_read(call, "s", &request->routine);
        if (r < 0)
                return r;
        r = bus_read_run_options(call, request, error);
        if (r < 0)
                return r;
        if (strlen(request->routine) > BUS_STRING_MAX)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "A routine's name has at most %u bytes.", BUS_STRING_MAX);

        return 0;
}

int bus_reply_run(Bus *bus, sd_bus_message *call, Player *p, sd_bus_error *error)
{
        BusSession *s;
        int r;

        if (p->told_ended)
                return bus_refuse(error,
                                p->session.end == SESSION_END_LEDGER
                                                ? BUS_ERROR("LedgerUnavailable")
                                                : BUS_ERROR("MassagerNotReady"),
                                "%s", session_end_sentence(p->session.end));

        s = bus_session_of(bus, p);
        r = s ? 0 : -ENOMEM;
        if (r >= 0 && p->leased)
                r = bus_session_lease(s, call);
        if (r < 0) {
                /* A session that its client cannot hold must not go on without it. */
                player_stop(p, SESSION_END_CLIENT_GONE);
                return r;
        }

        return sd_bus_reply_method_return(call, "o", s->path);
}

static int method_run(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        RunRequest request = { .leg = _LEG_INVALID, .leased = true };
        RunRefusal refusal;
        Player *p;
        int r;

        r = read_request(call, &request, error);
        if (r < 0)
                return r;

        r = manager_run(bus->manager, &request, &p, &refusal);
        if (r == -EPERM)
                return bus_refuse_run(error, &refusal);

        return r < 0 ? r : bus_reply_run(bus, call, p, error);
}

/* SR-STOP */
static int method_stop_all(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;

        return sd_bus_reply_method_return(call, "u", manager_stop_all(bus->manager));
}

/* SR-EMERGENCY */
static int method_emergency_stop(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;

        /* A clear that was prepared before it is none of it. */
        bus->clear = (BusClear){ 0 };
        return sd_bus_reply_method_return(call, "u", manager_emergency_stop(bus->manager));
}

static int append_techniques(sd_bus_message *reply, const Routine *routine)
{
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "techniques");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (unsigned i = 0; r >= 0 && i < routine->n_steps; i++)
                r = sd_bus_message_append(reply, "s", routine->steps[i].technique->name);
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(reply);

        return r;
}

static int append_routine(sd_bus_message *reply, const Manager *manager, size_t i)
{
        const Routine *routine = &manager_config(manager)->routines[i];
        char unsuited[MANAGER_UNSUITED_MAX];
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sa{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", routine->name);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "summary", "s", routine->summary,
                                "duration_s", "u", routine_duration_ms(routine) / MSEC_PER_S,
                                "intensity", "u", routine_peak_percent(routine));
        if (r >= 0)
                r = append_techniques(reply, routine);
        if (r >= 0 && manager_unsuited(manager, i, unsuited))
                r = sd_bus_message_append(reply, "{sv}", "unsuited", "s", unsuited);
        for (unsigned n = 0; r >= 0 && n < 2; n++)
                r = sd_bus_message_close_container(reply);

        return r;
}

static int method_list_routines(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *bus = userdata;
        const Config *config = manager_config(bus->manager);
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        for (size_t i = 0; r >= 0 && i < config->n_routines; i++)
                r = append_routine(reply, bus->manager, i);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int method_list_zones(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        for (Zone zone = 0; r >= 0 && zone < _ZONE_MAX; zone++) {
                LegPoint at = zone_place(zone);

                r = sd_bus_message_append(reply, "{sa{sv}}", zone_name(zone), 3, "words", "s",
                                zone_words(zone), "angle", "i", (int32_t) at.angle_deg, "height",
                                "i", (int32_t) at.height_mm);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Limits", "a{sv}", get_limits, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("DefaultLeg", "s", get_default_leg, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Routines", "as", bus_get_routines, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("LedgerState", "s", get_ledger, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("LedgerReason", "s", get_ledger, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Offers", "aa{sv}", bus_get_offers, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_METHOD_WITH_ARGS("Run", SD_BUS_ARGS("s", routine, "a{sv}", options),
                        SD_BUS_RESULT("o", session), method_run, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StopAll", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", stopped),
                        method_stop_all, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("EmergencyStop", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", stopped),
                        method_emergency_stop, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListQuestions", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", questions),
                        bus_list_questions, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Screen", SD_BUS_ARGS("a{ss}", answers),
                        SD_BUS_RESULT("s", verdict, "s", sentence), bus_screen,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetScreening", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", screening),
                        bus_get_screening, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetLeg", SD_BUS_ARGS("s", leg), SD_BUS_RESULT("a{sv}", state),
                        bus_get_leg, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReportPain", SD_BUS_ARGS("s", leg, "u", score, "a{sv}", options),
                        SD_BUS_RESULT("s", action, "s", sentence), bus_report_pain,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListSessions", SD_BUS_ARGS("u", most),
                        SD_BUS_RESULT("aa{sv}", sessions), bus_list_sessions,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ExportHistory", SD_BUS_ARGS("t", after),
                        SD_BUS_RESULT("aa{sv}", entries, "t", next), bus_export_history,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("PrepareDelete", SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("u", code, "s", sentence), bus_prepare_delete,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("DeleteHistory", SD_BUS_ARGS("u", code), SD_BUS_NO_RESULT,
                        bus_delete_history, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListLimits", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sa{sv}}", limits),
                        bus_list_limits, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListRoutines", SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a{sa{sv}}", routines), method_list_routines,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListZones", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sa{sv}}", zones),
                        method_list_zones, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus_reload,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("AcceptOffer", SD_BUS_ARGS("s", id, "a{sv}", options),
                        SD_BUS_RESULT("o", session), bus_accept_offer, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SnoozeOffer", SD_BUS_ARGS("s", id, "u", minutes), SD_BUS_NO_RESULT,
                        bus_snooze_offer, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("DeclineOffer", SD_BUS_ARGS("s", id), SD_BUS_NO_RESULT,
                        bus_decline_offer, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetSchedule", SD_BUS_ARGS("u", days),
                        SD_BUS_RESULT("aa{sv}", times), bus_get_schedule,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("OfferMade", SD_BUS_ARGS("s", id, "a{sv}", offer), 0),
        SD_BUS_SIGNAL_WITH_ARGS("OfferEnded", SD_BUS_ARGS("s", id, "s", state), 0),
        SD_BUS_VTABLE_END,
};

int bus_add_manager(Bus *bus)
{
        return sd_bus_add_object_vtable(bus->bus, NULL, BUS_ROOT, BUS_MANAGER_IFACE, vtable, bus);
}
