/* SPDX-License-Identifier: MIT */
/* The loop's side: it copies in and out under the lock, and never waits for the thread but at the
 * end. */
#include "daemon/ledger-private.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>

#include "daemon/clock.h"

/* SQLite needs about a tenth of it; what is not touched costs nothing. */
#define STACK_SIZE (256u * 1024u)
#define USEC_PER_S 1000000u

struct Ledger {
        LedgerShared *shared;
        pthread_t thread;
        bool started;
        sd_event_source *source;
        sd_event_source *patience; /* on while something waits for the disk */
        const LedgerListener *listener;
        void *userdata;

        /* What the loop knows. */
        LedgerState state;
        char reason[LEDGER_SENTENCE_MAX];
        uint64_t entered, durable;
        LedgerPageRead page_read; /* NULL: no page is being read */
        void *page_userdata;
        bool untold; /* its listener does not know the state yet */
};

int ledger_complain(char reason[static LEDGER_SENTENCE_MAX], int r, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        (void) vsnprintf(reason, LEDGER_SENTENCE_MAX, format, args);
        va_end(args);
        return r;
}

/* The last to leave frees it: a thread that hangs on a dead disk stays behind. */
LedgerShared *ledger_shared_unref(LedgerShared *shared)
{
        bool last;

        if (!shared)
                return NULL;

        (void) pthread_mutex_lock(&shared->lock);
        last = --shared->refs == 0;
        (void) pthread_mutex_unlock(&shared->lock);
        if (!last)
                return NULL;

        (void) pthread_cond_destroy(&shared->over);
        (void) pthread_cond_destroy(&shared->wake);
        (void) pthread_mutex_destroy(&shared->lock);
        closep(&shared->event_fd);
        free(shared->directory);
        free(shared);
        return NULL;
}

LedgerState ledger_state(const Ledger *ledger)
{
        return ledger->state;
}

const char *ledger_reason(const Ledger *ledger)
{
        return ledger->reason;
}

/* What the thread has to tell, copied at one go. */
typedef struct News {
        bool opened, has_last;
        Moment last;
        unsigned n_loaded;
        Entry loaded[LEDGER_LOADED_MAX];
        uint64_t durable;
        LedgerState state;
        char reason[LEDGER_SENTENCE_MAX];
} News;

static void take_news(LedgerShared *shared, News *ret)
{
        (void) pthread_mutex_lock(&shared->lock);
        ret->opened = shared->opened;
        ret->has_last = shared->has_last;
        ret->last = shared->last;
        ret->n_loaded = shared->n_loaded;
        memcpy(ret->loaded, shared->loaded, shared->n_loaded * sizeof(Entry));
        ret->durable = shared->durable;
        ret->state = shared->state;
        memcpy(ret->reason, shared->reason, sizeof(ret->reason));

        shared->opened = false;
        shared->n_loaded = 0;
        (void) pthread_cond_signal(&shared->wake);
        (void) pthread_mutex_unlock(&shared->lock);
}

static void learn_state(
                Ledger *ledger, LedgerState state, const char reason[static LEDGER_SENTENCE_MAX])
{
        if (state == ledger->state && streq(reason, ledger->reason))
                return;

        ledger->state = state;
        memcpy(ledger->reason, reason, sizeof(ledger->reason));
        ledger->untold = true;
}

static void tell_state(Ledger *ledger)
{
        if (!ledger->untold)
                return;

        ledger->untold = false;
        ledger->listener->changed(ledger->userdata);
}

/* The disk has gone on, so what comes next may take as long; or nothing waits, and nothing wakes
 * up. */
static void wait_anew(Ledger *ledger)
{
        bool waits = ledger->state == LEDGER_OPENING || ledger->durable < ledger->entered;
        uint64_t ms = ledger->state == LEDGER_BROKEN ? LEDGER_RETRY_MS : LEDGER_SLOW_MS;

        (void) sd_event_source_set_time_relative(ledger->patience, ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(
                        ledger->patience, waits ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* The thread hangs in the disk, and cannot say so. Under the lock. */
static void break_it(Ledger *ledger)
{
        LedgerShared *shared = ledger->shared;

        if (streq(shared->reason, ""))
                (void) ledger_complain(shared->reason, 0,
                                "The disk does not %s; see whether it is failing or too busy "
                                "with: journalctl -k",
                                shared->state == LEDGER_OPENING ? "give back what was done before"
                                                                : "take what was done");
        shared->state = LEDGER_BROKEN;
        learn_state(ledger, shared->state, shared->reason);
}

/* The page is the loop's until it asks for the next one. */
static void tell_page(Ledger *ledger)
{
        LedgerPageRead read = ledger->page_read;
        bool there;

        (void) pthread_mutex_lock(&ledger->shared->lock);
        there = ledger->shared->page_there;
        ledger->shared->page_there = false;
        (void) pthread_mutex_unlock(&ledger->shared->lock);
        if (!there || !read)
                return;

        ledger->page_read = NULL;
        read(ledger->page_userdata, &ledger->shared->page);
}

static int on_event(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Ledger *ledger = userdata;
        uint64_t count;
        News news;

        if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
                return -errno;

        take_news(ledger->shared, &news);
        if (news.opened)
                ledger->listener->opened(ledger->userdata, news.has_last ? &news.last : NULL);
        for (unsigned i = 0; i < news.n_loaded; i++)
                ledger->listener->loaded(ledger->userdata, &news.loaded[i]);

        if (news.durable != ledger->durable) {
                ledger->durable = news.durable;
                ledger->listener->durable(ledger->userdata, news.durable);
        }
        learn_state(ledger, news.state, news.reason);
        wait_anew(ledger);
        tell_state(ledger);
        tell_page(ledger);
        return 0;
}

static int on_impatience(sd_event_source *source, uint64_t usec, void *userdata)
{
        Ledger *ledger = userdata;

        if (ledger->state == LEDGER_BROKEN) {
                ledger_retry(ledger);
        } else {
                (void) pthread_mutex_lock(&ledger->shared->lock);
                if (ledger->shared->state == LEDGER_OPENING || ledger->shared->n_queued > 0)
                        break_it(ledger);
                (void) pthread_mutex_unlock(&ledger->shared->lock);
        }
        wait_anew(ledger);
        tell_state(ledger);
        return 0;
}

/* Its place in the queue is the thread's from here on. */
static int append(LedgerShared *shared, const Entry *entry)
{
        bool closes = ledger_entry_closes(entry);

        if (shared->n_queued >= (closes ? LEDGER_QUEUE_MAX : LEDGER_QUEUE_COMMON)) {
                shared->n_lost += closes;
                if (closes)
                        shared->lost_at = entry->at;
                return -ENOBUFS;
        }

        shared->queue[(shared->first + shared->n_queued) % LEDGER_QUEUE_MAX] = *entry;
        shared->n_queued++;
        shared->entered++;
        return 0;
}

/* SR-DISK */
int ledger_enter(Ledger *ledger, const Entry *entry, uint64_t *ret_ticket)
{
        LedgerShared *shared = ledger->shared;
        uint64_t ticket, one = 1;
        bool full, waited;
        int r;

        if (!ledger_entry_valid(entry))
                return -EINVAL;

        (void) pthread_mutex_lock(&shared->lock);
        r = append(shared, entry);
        full = shared->n_queued >= LEDGER_QUEUE_COMMON;
        if (full)
                break_it(ledger);
        ticket = shared->entered;
        shared->due = true;
        (void) pthread_cond_signal(&shared->wake);
        (void) pthread_mutex_unlock(&shared->lock);

        if (full)
                (void) !write(shared->event_fd, &one, sizeof(one));
        if (r < 0)
                return r;

        waited = ledger->durable < ledger->entered;
        ledger->entered = ticket;
        if (!waited)
                wait_anew(ledger);
        if (ret_ticket)
                *ret_ticket = ticket;
        return 0;
}

int ledger_read_page(Ledger *ledger, int64_t after, LedgerPageRead read, void *userdata)
{
        LedgerShared *shared = ledger->shared;

        if (ledger->page_read)
                return -EBUSY;

        ledger->page_read = read;
        ledger->page_userdata = userdata;
        (void) pthread_mutex_lock(&shared->lock);
        shared->page_after = after;
        shared->page_asked = true;
        shared->due = true;
        (void) pthread_cond_signal(&shared->wake);
        (void) pthread_mutex_unlock(&shared->lock);
        return 0;
}

void ledger_retry(Ledger *ledger)
{
        (void) pthread_mutex_lock(&ledger->shared->lock);
        ledger->shared->due = true;
        (void) pthread_cond_signal(&ledger->shared->wake);
        (void) pthread_mutex_unlock(&ledger->shared->lock);
}

/* Whether the thread has ended in time. */
static bool await_end(LedgerShared *shared)
{
        struct timespec until;
        bool ended;
        int e = 0;

        (void) clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LEDGER_FREE_MS / MSEC_PER_S;

        (void) pthread_mutex_lock(&shared->lock);
        shared->closing = true;
        (void) pthread_cond_signal(&shared->wake);
        while (!shared->ended && e == 0)
                e = pthread_cond_timedwait(&shared->over, &shared->lock, &until);
        ended = shared->ended;
        (void) pthread_mutex_unlock(&shared->lock);
        return ended;
}

Ledger *ledger_free(Ledger *ledger)
{
        if (!ledger)
                return NULL;

        sd_event_source_disable_unref(ledger->patience);
        sd_event_source_disable_unref(ledger->source);
        if (ledger->started) {
                if (await_end(ledger->shared))
                        (void) pthread_join(ledger->thread, NULL);
                else
                        (void) pthread_detach(ledger->thread);
        }
        ledger_shared_unref(ledger->shared);
        free(ledger);
        return NULL;
}

static LedgerShared *new_shared(const char *directory)
{
        LedgerShared *shared;
        pthread_condattr_t attributes;

        shared = calloc(1, sizeof(*shared));
        if (!shared)
                return NULL;

        shared->refs = 1;
        (void) pthread_mutex_init(&shared->lock, NULL);
        (void) pthread_cond_init(&shared->wake, NULL);
        (void) pthread_condattr_init(&attributes);
        (void) pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        (void) pthread_cond_init(&shared->over, &attributes);
        (void) pthread_condattr_destroy(&attributes);

        shared->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        shared->directory = strdup(directory);
        if (shared->event_fd < 0 || !shared->directory)
                return ledger_shared_unref(shared);

        return shared;
}

/* Signals are for the loop. */
static int start_thread(Ledger *ledger)
{
        pthread_attr_t attributes;
        sigset_t all;
        int e;

        (void) sigfillset(&all);
        e = pthread_attr_init(&attributes);
        if (e != 0)
                return -e;

        e = pthread_attr_setstacksize(&attributes, STACK_SIZE);
        if (e == 0)
                e = pthread_attr_setsigmask_np(&attributes, &all);
        if (e == 0) {
                ledger->shared->refs++;
                e = pthread_create(&ledger->thread, &attributes, ledger_thread, ledger->shared);
                if (e != 0)
                        ledger->shared->refs--;
        }
        (void) pthread_attr_destroy(&attributes);
        ledger->started = e == 0;
        return -e;
}

int ledger_new(sd_event *event, const char *directory, const LedgerListener *listener,
                void *userdata, Ledger **ret)
{
        _cleanup_(ledger_freep) Ledger *ledger = NULL;
        int r;

        ledger = calloc(1, sizeof(*ledger));
        if (!ledger)
                return -ENOMEM;

        ledger->listener = listener;
        ledger->userdata = userdata;
        ledger->shared = new_shared(directory);
        if (!ledger->shared)
                return -ENOMEM;
        r = sd_event_add_io(event, &ledger->source, ledger->shared->event_fd, EPOLLIN, on_event,
                        ledger);
        if (r < 0)
                return r;
        /* Not the clock that goes on during sleep: that is no fault of the disk. */
        r = sd_event_add_time(event, &ledger->patience, CLOCK_MONOTONIC, UINT64_MAX, USEC_PER_S,
                        on_impatience, ledger);
        if (r >= 0)
                r = sd_event_source_set_enabled(ledger->patience, SD_EVENT_OFF);
        if (r < 0)
                return r;
        wait_anew(ledger);
        r = start_thread(ledger);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(ledger);
        return 0;
}
