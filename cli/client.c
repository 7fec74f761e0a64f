/* SPDX-License-Identifier: MIT */
#include "cli/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/text.h"

#define CALL_TIMEOUT_US     (10u * 1000000u)
#define PASSWORD_TIMEOUT_US (90u * 1000000u)
#define ERROR_PREFIX        "org.kneed1.Error."

static const struct {
        const char *name;
        ExitCode code;
} refusals[] = {
        { "UnknownRoutine", EXIT_NO_SUCH_THING },
        { "UnknownMassager", EXIT_NO_SUCH_THING },
        { "NoMassager", EXIT_NO_SUCH_THING },
        { "AmbiguousMassager", EXIT_USAGE },
        { "UnknownOption", EXIT_USAGE },
        { "InvalidArgument", EXIT_USAGE },
        { "MassagerBusy", EXIT_REFUSED },
        { "MassagerNotReady", EXIT_REFUSED },
        { "UnsuitableMassager", EXIT_REFUSED },
        { "OutOfRange", EXIT_REFUSED },
        { "LimitExceeded", EXIT_REFUSED },
        { "ScreeningNeeded", EXIT_NOT_SCREENED },
        { "ScreeningForbids", EXIT_REFUSED },
        { "AdviceNeeded", EXIT_REFUSED },
        { "PainTooHigh", EXIT_REFUSED },
        { "LegClosed", EXIT_REFUSED },
        { "Resting", EXIT_REFUSED },
        { "LedgerUnavailable", EXIT_REFUSED },
        { "UnknownOffer", EXIT_NO_SUCH_THING },
        { "WrongState", EXIT_REFUSED },
        { "TooManySubscriptions", EXIT_REFUSED },
        { "TooManyCalls", EXIT_REFUSED },
        { "NotAuthorized", EXIT_REFUSED },
};

static void explain_absent(const Options *o, char sentence[static CLIENT_SENTENCE_SIZE])
{
        if (o->host)
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneed is not running on %s; start it with: systemctl -H %s start "
                                "kneed",
                                o->host, o->host);
        else
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneed is not running; start it with: %s",
                                options_has(o, OPTION_USER) ? "kneed --user"
                                                            : "systemctl start kneed");
}

static void explain_no_bus(const Options *o, char sentence[static CLIENT_SENTENCE_SIZE])
{
        if (o->host)
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneed on %s cannot be reached; try: ssh %s systemctl status kneed",
                                o->host, o->host);
        else
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE, "%s",
                                options_has(o, OPTION_USER)
                                                ? "there is no session bus to find kneed on; try "
                                                  "it "
                                                  "from a desktop, or under: dbus-run-session"
                                                : "there is no system bus to find kneed on; start "
                                                  "it "
                                                  "with: systemctl start dbus");
}

static void explain_silent(const Options *o, char sentence[static CLIENT_SENTENCE_SIZE])
{
        if (o->host)
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneed on %s does not answer; see: systemctl -H %s status kneed",
                                o->host, o->host);
        else
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE, "kneed does not answer; %s",
                                options_has(o, OPTION_USER) ? "look where kneed --user was started"
                                                            : "see: systemctl status kneed");
}

static ExitCode explain_own_error(
                const char *name, const char *message, char sentence[static CLIENT_SENTENCE_SIZE])
{
        text_clean(message && message[0] ? message : name, sentence, CLIENT_SENTENCE_SIZE);
        for (size_t i = 0; i < ELEMENTSOF(refusals); i++)
                if (streq(refusals[i].name, name))
                        return refusals[i].code;
        return EXIT_FAILED;
}

static bool is_any(const char *name, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (streq(name, names[i]))
                        return true;
        return false;
}

static ExitCode explain_bus_error(const Options *o, const sd_bus_error *error,
                char sentence[static CLIENT_SENTENCE_SIZE])
{
        static const char *const absent[] = { SD_BUS_ERROR_SERVICE_UNKNOWN,
                SD_BUS_ERROR_NAME_HAS_NO_OWNER, "org.freedesktop.systemd1.NoSuchUnit",
                "org.freedesktop.DBus.Error.Spawn.ServiceNotFound" };
        static const char *const silent[] = { SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT,
                "org.freedesktop.DBus.Error.TimedOut" };
        static const char *const forbidden[] = { SD_BUS_ERROR_ACCESS_DENIED,
                SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED };
        static const char *const older[] = { SD_BUS_ERROR_UNKNOWN_METHOD,
                SD_BUS_ERROR_UNKNOWN_INTERFACE, SD_BUS_ERROR_UNKNOWN_PROPERTY };
        char said[CLIENT_SENTENCE_SIZE / 2];

        if (is_any(error->name, absent, ELEMENTSOF(absent))) {
                explain_absent(o, sentence);
                return EXIT_UNREACHABLE;
        }
        if (is_any(error->name, silent, ELEMENTSOF(silent))) {
                explain_silent(o, sentence);
                return EXIT_UNREACHABLE;
        }
        if (is_any(error->name, forbidden, ELEMENTSOF(forbidden))) {
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "you are not allowed to do that from here; sit down at the machine "
                                "itself, or use sudo");
                return EXIT_REFUSED;
        }
        if (streq(error->name, SD_BUS_ERROR_UNKNOWN_OBJECT)) {
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "that is no longer there; see: kneectl status");
                return EXIT_NO_SUCH_THING;
        }
        if (is_any(error->name, older, ELEMENTSOF(older))) {
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "this kneed does not know how to do that; see: kneectl --version");
                return EXIT_FAILED;
        }
        text_clean(error->message && error->message[0] ? error->message : error->name, said,
                        sizeof(said));
        (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                        "kneed did not do that (%s); look what came of it by: kneectl status",
                        said);
        return EXIT_FAILED;
}

/* Errors of the connection itself, which no daemon said anything of. */
static ExitCode explain_errno(const Options *o, int r, char sentence[static CLIENT_SENTENCE_SIZE])
{
        switch (-r) {
        case ENOENT:
        case ECONNREFUSED:
        case ECONNRESET:
        case ENOTCONN:
        case EPIPE:
        case EHOSTUNREACH:
        case ENOMEDIUM: /* no address of a session bus */
        case EACCES:
        case EPERM:
                explain_no_bus(o, sentence);
                return EXIT_UNREACHABLE;
        case ETIMEDOUT:
                explain_silent(o, sentence);
                return EXIT_UNREACHABLE;
        case EBADMSG:
        case ENXIO:
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneed says what this kneectl does not understand; see: kneectl "
                                "--version");
                return EXIT_FAILED;
        case ENOMEM:
        case EMFILE:
        case ENFILE:
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "this machine has no memory or files left for kneectl; end some "
                                "other programs and try again");
                return EXIT_FAILED;
        case ENOBUFS:
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "too much was asked of kneed at once; wait a second and try again");
                return EXIT_FAILED;
        default:
                (void) snprintf(sentence, CLIENT_SENTENCE_SIZE,
                                "kneectl and kneed could not talk to the end; look what came of "
                                "it by: kneectl status");
                return EXIT_FAILED;
        }
}

ExitCode client_explain(const Options *options, int r, const sd_bus_error *error,
                char sentence[static CLIENT_SENTENCE_SIZE])
{
        const size_t n = strlen(ERROR_PREFIX);

        if (!error || !sd_bus_error_is_set(error))
                return explain_errno(options, r, sentence);
        if (strncmp(error->name, ERROR_PREFIX, n) == 0)
                return explain_own_error(error->name + n, error->message, sentence);
        /* A lost connection, told as an error by the library. */
        if (strncmp(error->name, "System.Error.", 13) == 0 ||
                        streq(error->name, SD_BUS_ERROR_DISCONNECTED))
                return explain_errno(options, r, sentence);
        return explain_bus_error(options, error, sentence);
}

ExitCode client_complain(const Client *client, int r, const sd_bus_error *error)
{
        char sentence[CLIENT_SENTENCE_SIZE];
        ExitCode code;

        code = client_explain(client->options, r, error, sentence);
        complain("%s", sentence);
        return code;
}

ExitCode client_complain_gone(const Client *client)
{
        const Options *o = client->options;

        if (o->host)
                complain("kneed on %s is gone, and its massagers stop by themselves; see: "
                         "systemctl -H %s status kneed",
                                o->host, o->host);
        else
                complain("kneed is gone, and its massagers stop by themselves; %s",
                                options_has(o, OPTION_USER) ? "look where kneed --user was started"
                                                            : "see: systemctl status kneed");
        return EXIT_UNREACHABLE;
}

int client_connect(const Options *options, Client *ret)
{
        Client client = { .options = options, .peer = KNEED_BUS_NAME };
        int r;

        if (options->host)
                r = sd_bus_open_system_remote(&client.bus, options->host);
        else if (options_has(options, OPTION_USER))
                r = sd_bus_open_user(&client.bus);
        else
                r = sd_bus_open_system(&client.bus);
        if (r < 0)
                return r;
        (void) sd_bus_set_method_call_timeout(client.bus, CALL_TIMEOUT_US);
        *ret = client;
        return 0;
}

ExitCode client_open(const Options *options, Client *ret)
{
        char sentence[CLIENT_SENTENCE_SIZE];
        ExitCode code;
        int r;

        r = client_connect(options, ret);
        if (r >= 0)
                return EXIT_DONE;
        code = client_explain(options, r, NULL, sentence);
        complain("%s", sentence);
        return code;
}

void client_close(Client *client)
{
        client->bus = sd_bus_flush_close_unref(client->bus);
}

/* A copy that lets somebody be asked for a password: what was sent cannot be changed. */
static int copy_for_password(Client *client, sd_bus_message *message, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *copy = NULL;
        int r;

        r = sd_bus_message_new_method_call(client->bus, &copy,
                        sd_bus_message_get_destination(message), sd_bus_message_get_path(message),
                        sd_bus_message_get_interface(message), sd_bus_message_get_member(message));
        if (r >= 0)
                r = sd_bus_message_rewind(message, 1);
        if (r >= 0)
                r = sd_bus_message_copy(copy, message, 1);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(copy, 1);
        if (r >= 0)
                *ret = TAKE_PTR(copy);
        return r;
}

/* Somebody can be asked for a password only where there is somebody, and has time for it then. */
int client_call_message(Client *client, sd_bus_message *message, sd_bus_error *error,
                sd_bus_message **ret_reply)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *copy = NULL;
        int r;

        r = sd_bus_call(client->bus, message, 0, error, ret_reply);
        if (r >= 0 ||
                        !sd_bus_error_has_name(
                                        error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) ||
                        !isatty(STDIN_FILENO))
                return r;

        sd_bus_error_free(error);
        r = copy_for_password(client, message, &copy);
        if (r < 0)
                return r;
        return sd_bus_call(client->bus, copy, PASSWORD_TIMEOUT_US, error, ret_reply);
}

int client_call(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_error *error, sd_bus_message **ret_reply, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(
                        client->bus, &message, client->peer, path, interface, member);
        va_start(ap, types);
        if (r >= 0 && types)
                r = sd_bus_message_appendv(message, types, ap);
        va_end(ap);
        return r < 0 ? r : client_call_message(client, message, error, ret_reply);
}

static int read_manager(
                Client *client, sd_bus_error *error, Manager *ret, sd_bus_message **ret_reply)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Manager manager = {};
        int r;

        r = client_call(client, KNEED_ROOT, "org.freedesktop.DBus.Properties", "GetAll", error,
                        &reply, "s", KNEED_MANAGER);
        if (r < 0)
                return r;
        r = manager_read(reply, &manager);
        if (r < 0)
                return r;
        *ret = manager;
        *ret_reply = TAKE_PTR(reply);
        return 0;
}

int client_get_manager(Client *client, sd_bus_error *error, Manager *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        return read_manager(client, error, ret, &reply);
}

int client_pin(Client *client, sd_bus_error *error, Manager *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *sender;
        int r;

        r = read_manager(client, error, ret, &reply);
        if (r < 0)
                return r;
        sender = sd_bus_message_get_sender(reply);
        if (!sender || sender[0] != ':' || strlen(sender) >= sizeof(client->peer))
                return -EBADMSG;
        (void) snprintf(client->peer, sizeof(client->peer), "%s", sender);
        return 0;
}

int client_get_objects(Client *client, sd_bus_error *error, Objects *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", error, &reply, NULL);
        if (r < 0)
                return r;
        return objects_read(reply, ret);
}

int client_get_leg(Client *client, const char *leg, sd_bus_error *error, LegState *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetLeg", error, &reply, "s", leg);
        if (r < 0)
                return r;
        r = leg_state_read(reply, ret);
        if (r < 0)
                return r;
        (void) snprintf(ret->leg, sizeof(ret->leg), "%s", leg);
        return 0;
}

int client_report_pain(Client *client, const char *leg, unsigned score, const char *when,
                sd_bus_error *error, PainResult *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if (when)
                r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", error, &reply,
                                "sua{sv}", leg, score, 1, "when", "s", when);
        else
                r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", error, &reply,
                                "sua{sv}", leg, score, 0);
        if (r < 0)
                return r;
        return pain_result_read(reply, ret);
}

static int call_stop(Client *client, const char *member, sd_bus_error *error, uint32_t *ret_stopped)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, member, error, &reply, NULL);
        if (r < 0)
                return r;
        return sd_bus_message_read_basic(reply, 'u', ret_stopped);
}

int client_stop_all(Client *client, sd_bus_error *error, uint32_t *ret_stopped)
{
        return call_stop(client, "StopAll", error, ret_stopped);
}

int client_emergency_stop(Client *client, sd_bus_error *error, uint32_t *ret_stopped)
{
        return call_stop(client, "EmergencyStop", error, ret_stopped);
}

ExitCode client_no_massager(const Objects *objects, const char *id)
{
        if (objects->n_massagers == 0)
                complain("no massager is attached; plug one in, and see: kneectl devices");
        else
                complain("no massager has the id %s; see: kneectl devices", id);
        return EXIT_NO_SUCH_THING;
}

ExitCode client_find_session(const Objects *objects, const char *device, const Session **ret)
{
        const Massager *massager = NULL;

        if (device) {
                massager = objects_massager_by_id(objects, device);
                if (!massager)
                        return client_no_massager(objects, device);
        }
        if (!device && objects->n_sessions > 1) {
                complain("%zu sessions are running; say which with --device ID. See: kneectl "
                         "status",
                                objects->n_sessions);
                return EXIT_USAGE;
        }
        for (size_t i = 0; i < objects->n_sessions; i++)
                if (!massager || streq(objects->sessions[i].massager, massager->path)) {
                        *ret = &objects->sessions[i];
                        return EXIT_DONE;
                }
        if (device)
                complain("nothing is running on %s; start something with: kneectl run", device);
        else
                complain("nothing is running; start something with: kneectl run");
        return EXIT_NO_SUCH_THING;
}
