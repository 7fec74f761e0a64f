/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages for the journal: with fields where that is what standard error leads to, plain on a
 * terminal. Never anything about a person's health: no leg, routine, answer or score, and no reason
 * for an end that is one. */

#include "common/macro.h"

/* What happened, by MESSAGE_ID=; docs/kneed.8 and systemd/kneed.catalog say more of each. */
#define LOG_MASSAGER_ATTACHED "1799de9b14424182a679dbc00656956e"
#define LOG_MASSAGER_GONE     "2adf1da410b04cdb9414bafcf8715d0b"
#define LOG_MASSAGER_REFUSED  "aeb4a8785bf14f358e7d8908bb112700"
#define LOG_MASSAGER_DEAF     "e61de143e671455284b3dbd3390e9d24"
#define LOG_MASSAGER_UNPLUG   "13bdb628d66b4d948daf0d346f5692f7"
#define LOG_SESSION_OVER      "32dec478516e40da8536e63a857fd1d8"
#define LOG_LEDGER_BROKEN     "af0c5a5a5c82412da68c9314a67c33c4"
#define LOG_CONFIG_WRONG      "95a74e7fc202438799e7eebc43990783"
#define LOG_HISTORY_DELETED   "030e5277bfa84a71bcfe741afaa34ab1"

typedef struct LogFields {
        const char *message_id; /* or NULL, as the others */
        const char *massager;
        const char *reason;
        unsigned session; /* 0: none */
        uint64_t played_ms;
} LogFields;

void log_fields(int level, const LogFields *fields, const char *format, ...) _printf_(3, 4);

#define log_message(level, ...) log_fields(level, &(const LogFields){ 0 }, __VA_ARGS__)

#define log_info(...)    log_message(6, __VA_ARGS__)
#define log_warning(...) log_message(4, __VA_ARGS__)
#define log_error(...)   log_message(3, __VA_ARGS__)

/* The same of one massager. */
#define log_massager(level, id, massager_, ...)                                              \
        log_fields(level, &(const LogFields){ .message_id = (id), .massager = (massager_) }, \
                        __VA_ARGS__)
