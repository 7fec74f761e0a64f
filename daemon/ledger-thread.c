/* SPDX-License-Identifier: MIT */
/* The thread's side: it opens, reads and writes, waits for the disk, and tells the loop. */
#include "daemon/ledger-private.h"

#include <errno.h>
#include <sys/random.h>

typedef struct LedgerThread {
        LedgerShared *shared;
        LedgerFile *file; /* NULL: it is to be opened */
        LedgerRunId run;
        uint64_t tried; /* the ticket of the last commit, whatever came of it */
        char reason[LEDGER_SENTENCE_MAX];

        bool told_opened, loaded;
        int64_t given;   /* the number of the last entry that the loop got */
        bool has_last;   /* something was known */
        Moment last;     /* the latest that is */
        unsigned n_lost; /* so many of those that found no place does the file know of */
} LedgerThread;

/* What is to be written at one go. */
typedef struct Batch {
        unsigned first, n; /* of the queue */
        uint64_t last;     /* ticket */
        unsigned n_lost;
        Moment lost_at;
} Batch;

/* Each ends with the directory. None says to move a ledger away: a new one that knows nothing of it
 * would give back all that was done. */
static const struct {
        int error;
        const char *sentence;
} sentences[] = {
        { -EACCES, "kneed may not use its ledger; give it to the user that kneed runs as, in" },
        { -EPERM, "kneed may not use its ledger; give it to the user that kneed runs as, in" },
        { -EBUSY, "The ledger is in use by another kneed; stop the one that uses" },
        { -EDQUOT, "The disk is full, so what is done cannot be written down; make room on the "
                   "disk that holds" },
        { -ENOSPC, "The disk is full, so what is done cannot be written down; make room on the "
                   "disk that holds" },
        { -EROFS, "The ledger cannot be written; make the disk writable that holds" },
        { -ENOENT, "The ledger's directory is missing; make it with: mkdir -m 700" },
        { -ENOTDIR, "The place of the ledger is no directory; move away what is at" },
        { -EPROTONOSUPPORT, "A newer kneed wrote the ledger; install that one again, or, to begin "
                            "a new one with the day used up, rename ledger.db to "
                            "ledger.db.damaged-1 (or the next free number) in" },
        { -ENOMEM, "There is too little memory for the ledger; close other programs to use" },
        { -EUCLEAN, "The disk damages what is written; put the ledger on another one than that "
                    "of" },
        { -EMLINK, "Too many damaged ledgers lie about; look after the disk, and move all of "
                   "them but the first away from" },
        { -EEXIST, "kneed entered a session twice, a fault of its own; start it anew, this ledger "
                   "is whole:" },
        { -EIO, "The disk does not take or give back what was written; look after it, it holds" },
};

static const char *sentence_for(int error)
{
        for (size_t i = 0; i < ELEMENTSOF(sentences); i++)
                if (sentences[i].error == error)
                        return sentences[i].sentence;

        return "The ledger cannot be used; see that kneed can read and write in";
}

static void ring(LedgerShared *shared)
{
        uint64_t one = 1;

        (void) !write(shared->event_fd, &one, sizeof(one));
}

/* What came in the meantime and broke it is due: it is not ready before that is written, too. */
static void tell_state(LedgerThread *t, LedgerState state)
{
        LedgerShared *shared = t->shared;
        bool behind;

        (void) pthread_mutex_lock(&shared->lock);
        behind = shared->n_lost != t->n_lost || shared->n_queued >= LEDGER_QUEUE_COMMON;
        if (state != LEDGER_READY || !behind) {
                shared->state = state;
                memcpy(shared->reason, t->reason, sizeof(shared->reason));
        }
        (void) pthread_mutex_unlock(&shared->lock);
        ring(shared);
}

static void tell_opened(LedgerThread *t)
{
        LedgerShared *shared = t->shared;

        (void) pthread_mutex_lock(&shared->lock);
        shared->opened = true;
        shared->has_last = t->has_last;
        shared->last = t->last;
        (void) pthread_mutex_unlock(&shared->lock);
        t->told_opened = true;
}

/* Waits until the loop has taken what lies ready. Nobody waits for entries any more when it
 * closes. */
static int give(LedgerThread *t, const Entry *entry)
{
        LedgerShared *shared = t->shared;
        bool closing;

        (void) pthread_mutex_lock(&shared->lock);
        while (!shared->closing && shared->n_loaded == LEDGER_LOADED_MAX)
                (void) pthread_cond_wait(&shared->wake, &shared->lock);
        closing = shared->closing;
        if (!closing)
                shared->loaded[shared->n_loaded++] = *entry;
        (void) pthread_mutex_unlock(&shared->lock);
        if (closing)
                return -ECANCELED;

        ring(shared);
        return 0;
}

/* Tells the loop what the file knows. After an error it goes on where it was. */
static int load(LedgerThread *t)
{
        _cleanup_(ledger_reader_freep) LedgerReader *reader = NULL;
        Entry entry;
        int r;

        if (!t->told_opened) {
                r = ledger_read_last(t->file, &t->has_last, &t->last);
                if (r < 0)
                        return r;
                tell_opened(t);
        }

        r = ledger_read(t->file, t->given, &reader);
        if (r < 0)
                return r;
        while ((r = ledger_read_next(reader, &t->given, &entry)) > 0) {
                r = give(t, &entry);
                if (r < 0)
                        return r == -ECANCELED ? 0 : r;
        }

        t->loaded = r == 0;
        return r;
}

/* All up to that ticket is on the disk. */
static void settle(LedgerThread *t, uint64_t ticket)
{
        LedgerShared *shared = t->shared;
        unsigned n;

        (void) pthread_mutex_lock(&shared->lock);
        n = ticket > shared->durable ? (unsigned) (ticket - shared->durable) : 0;
        shared->durable += n;
        shared->n_queued -= n;
        shared->first = shared->n_queued == 0 ? 0 : (shared->first + n) % LEDGER_QUEUE_MAX;
        (void) pthread_mutex_unlock(&shared->lock);
        if (n > 0)
                ring(shared);
}

/* What the loop was given stood in another file. That is so from here on, whatever fails until the
 * new one is read. */
static int make_file(LedgerThread *t, const char *place)
{
        t->given = 0;
        t->loaded = false;
        return ledger_file_make(place, t->has_last, t->has_last ? &t->last : NULL);
}

/* That row has no sum. It can only name the last commit that is known to have come about, or the
 * one after it, of which nobody knows. */
static bool can_be(const LedgerThread *t, uint64_t ticket)
{
        return ticket == 0 || ticket == t->shared->durable || ticket == t->tried;
}

static int open_file(LedgerThread *t)
{
        _cleanup_free_ char *place = NULL;
        uint64_t ticket;
        int r;

        r = ledger_place_find(t->shared->directory, t->reason, &place);
        if (r < 0)
                return r;
        r = ledger_place_look(place, t->reason);
        if (r == 0)
                r = make_file(t, place);
        if (r >= 0)
                r = ledger_file_open(place, &t->file);
        if (r >= 0)
                r = ledger_read_ticket(t->file, &t->run, &ticket);
        if (r < 0)
                return r;
        if (!can_be(t, ticket))
                return -EUCLEAN;

        settle(t, ticket);
        return t->loaded ? 0 : load(t);
}

static Batch take_batch(LedgerShared *shared)
{
        Batch batch;

        (void) pthread_mutex_lock(&shared->lock);
        batch = (Batch){
                .first = shared->first,
                .n = shared->n_queued,
                .last = shared->entered,
                .n_lost = shared->n_lost,
                .lost_at = shared->lost_at,
        };
        (void) pthread_mutex_unlock(&shared->lock);
        return batch;
}

static const Entry *queued(const LedgerThread *t, const Batch *batch, unsigned i)
{
        return &t->shared->queue[(batch->first + i) % LEDGER_QUEUE_MAX];
}

/* What a person deletes is also in the ledgers that were set aside. */
static int delete_damaged(LedgerThread *t)
{
        _cleanup_free_ char *place = NULL;
        int r;

        r = ledger_place_find(t->shared->directory, t->reason, &place);
        return r < 0 ? r : ledger_place_delete_damaged(place);
}

static bool deletes(const LedgerThread *t, const Batch *batch)
{
        for (unsigned i = 0; i < batch->n; i++)
                if (queued(t, batch, i)->kind == ENTRY_DELETED)
                        return true;

        return false;
}

/* What stands for that which found no place; days go only forward from entry to entry. */
static Entry lost_entry(const LedgerThread *t, const Batch *batch)
{
        const Entry *last = batch->n > 0 ? queued(t, batch, batch->n - 1) : NULL;
        bool later = last && last->at.day_s > batch->lost_at.day_s;

        return (Entry){ .kind = ENTRY_DAMAGED, .at = later ? last->at : batch->lost_at };
}

static int write_batch(LedgerThread *t, const Batch *batch, const Entry *lost)
{
        int r;

        r = ledger_write_begin(t->file);
        for (unsigned i = 0; r >= 0 && i < batch->n; i++)
                r = ledger_write_entry(t->file, queued(t, batch, i));
        if (r >= 0 && lost)
                r = ledger_write_entry(t->file, lost);
        if (r < 0)
                return r;

        t->tried = batch->last;
        return ledger_write_commit(t->file, &t->run, batch->last);
}

/* All that lies in the queue, in one transaction. SR-DAMAGED: what found no place in it could have
 * closed a leg, so the day is used up, for the loop as for the file. */
static int write_queue(LedgerThread *t)
{
        Batch batch = take_batch(t->shared);
        bool wipe = deletes(t, &batch), losses = batch.n_lost != t->n_lost;
        Entry lost = lost_entry(t, &batch);
        int r;

        if (batch.n == 0 && !losses)
                return 0;

        r = wipe ? delete_damaged(t) : 0;
        if (r >= 0)
                r = write_batch(t, &batch, losses ? &lost : NULL);
        if (r >= 0 && wipe)
                r = ledger_file_wipe(t->file);
        if (r < 0)
                return r;

        t->has_last = true;
        t->last = losses ? lost.at : queued(t, &batch, batch.n - 1)->at;
        t->n_lost = batch.n_lost;
        settle(t, batch.last);
        if (losses)
                (void) give(t, &lost);
        return 0;
}

static int try(LedgerThread *t)
{
        int r = 0;

        if (!t->file)
                r = open_file(t);
        if (r >= 0)
                r = write_queue(t);
        if (r < 0)
                t->file = ledger_file_free(t->file);
        else
                (void) sqlite3_db_release_memory(t->file->db);

        return r;
}

static int set_aside(LedgerThread *t)
{
        _cleanup_free_ char *place = NULL;
        int r;

        r = ledger_place_find(t->shared->directory, t->reason, &place);
        return r < 0 ? r : ledger_place_set_aside(place);
}

/* SR-DAMAGED: a damaged file is set aside, once: a second one says that the disk is at fault. */
static void work(LedgerThread *t)
{
        int r;

        t->reason[0] = '\0';
        r = try(t);
        if (r == -EUCLEAN) {
                r = set_aside(t);
                if (r >= 0)
                        r = try(t);
        }

        if (r < 0 && streq(t->reason, ""))
                (void) ledger_complain(
                                t->reason, r, "%s %.100s", sentence_for(r), t->shared->directory);
        tell_state(t, r < 0 ? LEDGER_BROKEN : LEDGER_READY);
}

static int read_page(LedgerThread *t, int64_t after, LedgerPage *page)
{
        _cleanup_(ledger_reader_freep) LedgerReader *reader = NULL;
        int r;

        if (!t->file)
                return -EIO;

        r = ledger_read_all(t->file, after, &reader);
        while (r >= 0 && page->n < LEDGER_PAGE_MAX) {
                r = ledger_read_next(reader, &page->numbers[page->n], &page->entries[page->n]);
                if (r <= 0)
                        break;
                page->n++;
        }

        return MIN(r, 0);
}

static bool take_question(LedgerShared *shared, int64_t *ret_after)
{
        bool asked;

        (void) pthread_mutex_lock(&shared->lock);
        asked = shared->page_asked;
        *ret_after = shared->page_after;
        shared->page_asked = false;
        (void) pthread_mutex_unlock(&shared->lock);
        return asked;
}

/* The loop waits for its answer, and leaves the page alone until it is there. */
static void answer_page(LedgerThread *t, int64_t after)
{
        LedgerShared *shared = t->shared;

        shared->page.n = 0;
        shared->page.r = read_page(t, after, &shared->page);
        if (t->file)
                (void) sqlite3_db_release_memory(t->file->db);

        (void) pthread_mutex_lock(&shared->lock);
        shared->page_there = true;
        (void) pthread_mutex_unlock(&shared->lock);
        ring(shared);
}

/* Waits for something to do; false: for nothing more. What is still in the queue at the end is
 * tried once more. */
static bool await_work(LedgerThread *t, bool *last_time)
{
        LedgerShared *shared = t->shared;
        bool again;

        (void) pthread_mutex_lock(&shared->lock);
        while (!shared->closing && !shared->due)
                (void) pthread_cond_wait(&shared->wake, &shared->lock);
        again = !shared->closing || (shared->n_queued > 0 && !*last_time);
        *last_time = shared->closing;
        shared->due = false;
        (void) pthread_mutex_unlock(&shared->lock);
        return again;
}

static void *end(LedgerThread *t)
{
        LedgerShared *shared = t->shared;

        ledger_file_free(t->file);
        (void) pthread_mutex_lock(&shared->lock);
        shared->ended = true;
        (void) pthread_cond_signal(&shared->over);
        (void) pthread_mutex_unlock(&shared->lock);
        return ledger_shared_unref(shared);
}

void *ledger_thread(void *userdata)
{
        LedgerThread t = { .shared = userdata };
        bool last_time = false, asked;
        int64_t after;

        (void) pthread_setname_np(pthread_self(), "ledger");
        /* No memory for pages that are not read: SQLite would take 80 KiB for a start. */
        (void) sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
        /* A number that no run had before. */
        (void) !getrandom(t.run.bytes, sizeof(t.run.bytes), 0);

        do {
                /* First, so that what was entered before the question is written before the answer.
                 */
                asked = take_question(t.shared, &after);
                work(&t);
                if (asked)
                        answer_page(&t, after);
        } while (await_work(&t, &last_time));

        return end(&t);
}
