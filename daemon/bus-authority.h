/* SPDX-License-Identifier: MIT */
#pragma once

/* Who may call what. Stopping, easing and looking are for anybody. All else is for root, for the
 * user that kneed runs as, and for whomever polkit says; a method that stands in no row is for root
 * alone.
 *
 * Nothing waits: a call that needs a yes is laid aside, the bus is asked whose it is and then
 * polkit, and when the yes is there the call comes in again as if it had just arrived. So
 * everything that it asks for is looked at after the yes and not before: nothing can change in
 * between, and whoever may not is told nothing of the person. It goes before every object, so that
 * no handler can forget it.
 *
 * A stop wins over whatever waits: what would begin or go on is refused then. */

#include <systemd/sd-bus.h>

#include "common/macro.h"

#define BUS_ASKS_MAX      32u /* that wait, of all callers */
#define BUS_ASKS_USER_MAX 4u  /* that wait for polkit, of one user */
/* How long polkit may take. A person has to find and type a password. Judgements; a program that
 * allows to be asked interactively has to wait for longer. */
#define BUS_ASK_MS             25000u
#define BUS_ASK_INTERACTIVE_MS 60000u

typedef enum BusAction {
        BUS_ACTION_NONE,    /* anybody */
        BUS_ACTION_START,   /* a session */
        BUS_ACTION_CONTROL, /* a running one: whatever makes it go on, or do more */
        BUS_ACTION_CLEAR,   /* a latched stop */
        BUS_ACTION_READ,    /* what was done and felt */
        BUS_ACTION_WRITE,   /* what the person answers */
        BUS_ACTION_DELETE,  /* what was done and felt */
        BUS_ACTION_RELOAD,  /* the config */
        BUS_ACTION_ROOT,    /* what nobody else may */
        _BUS_ACTION_MAX,
} BusAction;

typedef struct BusAuthority BusAuthority;

/* What a method asks for. interface NULL: the call does not say. */
BusAction bus_action_of(const char *interface, const char *member);

int bus_authority_new(sd_bus *bus, BusAuthority **ret);
BusAuthority *bus_authority_free(BusAuthority *authority);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusAuthority *, bus_authority_free);

/* Whether it is a call that was laid aside and comes in again. */
bool bus_authority_has(const BusAuthority *authority, const sd_bus_message *call);

/* 0: go on with the call; 1: it waits, or was answered. */
int bus_authority_check(BusAuthority *authority, sd_bus_message *call, BusAction action);

/* Something was stopped. */
void bus_authority_stop(BusAuthority *authority);
