/* SPDX-License-Identifier: MIT */
#include "cli/objects.h"

uint64_t session_left_ms(const Session *session, uint64_t now_us)
{
        if (session->deadline_us == 0)
                return session->remaining_ms;
        return session->deadline_us > now_us ? (session->deadline_us - now_us) / 1000 : 0;
}

uint64_t session_left_remote_ms(
                const Session *session, const Frame *frame, uint64_t said_us, uint64_t now_us)
{
        const uint64_t gone_ms = now_us > said_us ? (now_us - said_us) / 1000 : 0;
        uint64_t left_ms = session->remaining_ms;

        if (session->deadline_us == 0)
                return left_ms;
        if (frame)
                left_ms = session->duration_ms > frame->elapsed_ms
                                          ? session->duration_ms - frame->elapsed_ms
                                          : 0;
        return left_ms > gone_ms ? left_ms - gone_ms : 0;
}
