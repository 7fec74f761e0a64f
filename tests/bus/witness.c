/* SPDX-License-Identifier: MIT */
#include "tests/bus/witness.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define SENTENCE_MAX 300u
#define MORE_FRAMES  5u

void witness_begin(Witness *w, Stage *stage)
{
        size_t from = stage->record.n;

        *w = (Witness){ .stage = stage, .client = stage_client(stage) };
        w->session = client_run(w->client, "friction", 1);
        from = record_file_await(&stage->record, from, record_is_armed);
        w->first = record_file_await(&stage->record, from, record_is_frame);
        (void) record_file_await(&stage->record, from, record_is_moving);
}

void witness_end(Witness *w)
{
        RecordFile *record = &w->stage->record;
        size_t last;

        last = record_file_await_frames(record, MORE_FRAMES);
        for (size_t i = w->first; i < last; i++)
                assert_int_not_equal(record->lines[i].kind, RECORD_STATE);
        assert_true(record_file_check_frames(record, w->first, last, WITNESS_GAP_MS) > MORE_FRAMES);
        client_check_text(w->client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "playing");
        assert_int_equal(client_get_number(w->client, w->session, KNEED_SESSION, "Tempo"), 100);
        assert_int_equal(client_get_number(w->client, w->session, KNEED_SESSION, "Intensity"), 60);
        assert_int_not_equal(
                        client_get_number(w->client, w->session, KNEED_SESSION, "Deadline"), 0);

        client_do(w->client, w->session, KNEED_SESSION, "Stop", NULL);
        (void) record_file_await_rest(record);
}

static void check_documented(const char *name)
{
        char xml[16384], entry[128];
        _cleanup_close_ int fd = -1;
        ssize_t n;

        fd = open(KNEED_DATA "/dbus/" KNEED_MANAGER ".xml", O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        n = read(fd, xml, sizeof(xml) - 1);
        assert_true(n > 0);
        xml[n] = '\0';
        (void) snprintf(entry, sizeof(entry), " %s: ", name);
        if (!strstr(xml, entry))
                fail_msg("%s is not documented", name);
}

/* Of the bus library's own refusals only that they say something can be asked. */
static void check_sentence(const char *message)
{
        size_t size = strlen(message);

        if (size < 10 || size > SENTENCE_MAX || !isupper((unsigned char) message[0]) ||
                        !strchr(message, ' ') || strchr(message, '\n') ||
                        isspace((unsigned char) message[size - 1]))
                fail_msg("\"%s\" is no sentence", message);
}

void check_refusal(const sd_bus_error *error, const char *name)
{
        assert_true(sd_bus_error_is_set(error));
        if (!streq(error->name, name))
                fail_msg("%s instead of %s: %s", error->name, name, error->message);
        assert_non_null(error->message);
        assert_true(error->message[0] != '\0');
        if (strncmp(name, KNEED_ERROR(""), strlen(KNEED_ERROR(""))) != 0)
                return;
        check_sentence(error->message);
        check_documented(name);
}
