/* SPDX-License-Identifier: MIT */
#include "tests/unit/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define NSEC_PER_MS_ 1000000

#define PATH_SIZE 256u

typedef struct DiskFile {
        sqlite3_file file;
        sqlite3_file *real; /* behind it */
        char path[PATH_SIZE];
} DiskFile;

/* What was there before a write that is not synced yet. */
typedef struct Undo {
        struct Undo *next;
        char path[PATH_SIZE];
        bool lost; /* a sync failed: no later one brings it to the disk */
        sqlite3_int64 at, file_size;
        int size;
        uint8_t bytes[];
} Undo;

static sqlite3_vfs disk, *real_vfs;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static struct {
        unsigned calls[_DISK_CALL_MAX];
        bool fails, failed;
        DiskCall call;
        unsigned first, count;
        int error, last_error;
        unsigned sync_ms;
        bool hold;
        unsigned held;

        bool cuts;
        DiskCall cut_call;
        unsigned cut_at;
        Random random;
        Undo *undo; /* the latest first */
} d;

void disk_fail(DiskCall call, unsigned n, unsigned count, int error)
{
        (void) pthread_mutex_lock(&lock);
        d.fails = true;
        d.failed = false;
        d.call = call;
        d.first = d.calls[call] + n;
        d.count = count;
        d.error = error;
        (void) pthread_mutex_unlock(&lock);
}

void disk_mend(void)
{
        (void) pthread_mutex_lock(&lock);
        d.fails = false;
        d.last_error = 0;
        d.sync_ms = 0;
        d.hold = false;
        (void) pthread_cond_broadcast(&released);
        (void) pthread_mutex_unlock(&lock);
}

bool disk_failed(void)
{
        bool failed;

        (void) pthread_mutex_lock(&lock);
        failed = d.failed;
        (void) pthread_mutex_unlock(&lock);
        return failed;
}

void disk_slow(unsigned sync_ms)
{
        (void) pthread_mutex_lock(&lock);
        d.sync_ms = sync_ms;
        (void) pthread_mutex_unlock(&lock);
}

void disk_hold(bool hold)
{
        (void) pthread_mutex_lock(&lock);
        d.hold = hold;
        (void) pthread_cond_broadcast(&released);
        (void) pthread_mutex_unlock(&lock);
}

unsigned disk_held(void)
{
        unsigned held;

        (void) pthread_mutex_lock(&lock);
        held = d.held;
        (void) pthread_mutex_unlock(&lock);
        return held;
}

unsigned disk_calls(DiskCall call)
{
        unsigned calls;

        (void) pthread_mutex_lock(&lock);
        calls = d.calls[call];
        (void) pthread_mutex_unlock(&lock);
        return calls;
}

void disk_cut(DiskCall call, unsigned n, uint64_t seed)
{
        (void) pthread_mutex_lock(&lock);
        d.cuts = true;
        d.cut_call = call;
        d.cut_at = d.calls[call] + n;
        d.random.state = seed;
        (void) pthread_mutex_unlock(&lock);
}

static void remember(const DiskFile *file, int size, sqlite3_int64 at)
{
        Undo *undo = calloc(1, sizeof(*undo) + (size_t) size);

        assert_non_null(undo);
        (void) snprintf(undo->path, sizeof(undo->path), "%s", file->path);
        undo->at = at;
        undo->size = size;
        (void) file->real->pMethods->xFileSize(file->real, &undo->file_size);
        (void) file->real->pMethods->xRead(file->real, undo->bytes, size, at);
        (void) pthread_mutex_lock(&lock);
        undo->next = d.undo;
        d.undo = undo;
        (void) pthread_mutex_unlock(&lock);
}

/* It is synced, except for what is lost; or it is deleted. */
static void forget(const char *path, bool deleted)
{
        (void) pthread_mutex_lock(&lock);
        for (Undo **undo = &d.undo; *undo;) {
                Undo *next = (*undo)->next;

                if (streq((*undo)->path, path) && (deleted || !(*undo)->lost)) {
                        free(*undo);
                        *undo = next;
                } else {
                        undo = &(*undo)->next;
                }
        }
        (void) pthread_mutex_unlock(&lock);
}

/* After an error the kernel takes what it could not write for written. */
static void lose(const char *path)
{
        (void) pthread_mutex_lock(&lock);
        for (Undo *undo = d.undo; undo; undo = undo->next)
                undo->lost = undo->lost || streq(undo->path, path);
        (void) pthread_mutex_unlock(&lock);
}

void disk_cut_now(bool all)
{
        for (const Undo *undo = d.undo; undo; undo = undo->next) {
                _cleanup_close_ int fd = open(undo->path, O_RDWR | O_CLOEXEC);

                if (fd < 0 || (!all && random_between(&d.random, 0, 1) == 0))
                        continue;
                (void) !pwrite(fd, undo->bytes, (size_t) undo->size, undo->at);
                if (all)
                        (void) !ftruncate(fd, undo->file_size);
        }

        (void) raise(SIGKILL);
        abort();
}

static _Noreturn void cut_power(void)
{
        disk_cut_now(random_between(&d.random, 0, 1) == 0);
}

/* Whether the power fails in this call, which has been counted. */
static bool cuts(DiskCall call)
{
        bool now;

        (void) pthread_mutex_lock(&lock);
        now = d.cuts && call == d.cut_call && d.calls[call] == d.cut_at;
        (void) pthread_mutex_unlock(&lock);
        return now;
}

/* Whether this call fails. */
static bool fails(DiskCall call)
{
        bool now;
        unsigned n;

        (void) pthread_mutex_lock(&lock);
        n = ++d.calls[call];
        now = d.fails && call == d.call && n >= d.first && (d.count == 0 || n < d.first + d.count);
        if (now) {
                d.failed = true;
                d.last_error = d.error;
        }
        (void) pthread_mutex_unlock(&lock);
        return now;
}

static sqlite3_file *behind(sqlite3_file *file)
{
        return ((DiskFile *) file)->real;
}

static int on_close(sqlite3_file *file)
{
        return behind(file)->pMethods->xClose(behind(file));
}

static int on_read(sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
        return fails(DISK_READ) ? SQLITE_IOERR_READ
                                : behind(file)->pMethods->xRead(behind(file), data, size, at);
}

/* Half of it, as a disk does that fails in the midst. */
static int on_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
        bool failed = fails(DISK_WRITE), cut = cuts(DISK_WRITE);

        if (d.cuts)
                remember((const DiskFile *) file, size, at);
        if (!failed && !cut)
                return behind(file)->pMethods->xWrite(behind(file), data, size, at);

        (void) behind(file)->pMethods->xWrite(behind(file), data, size / 2, at);
        if (cut)
                cut_power();
        return d.error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
        if (fails(DISK_TRUNCATE))
                return SQLITE_IOERR_TRUNCATE;
        if (cuts(DISK_TRUNCATE))
                cut_power();

        return behind(file)->pMethods->xTruncate(behind(file), size);
}

static void wait_as_told(void)
{
        struct timespec delay;

        (void) pthread_mutex_lock(&lock);
        delay.tv_sec = d.sync_ms / 1000;
        delay.tv_nsec = (long) (d.sync_ms % 1000) * NSEC_PER_MS_;
        d.held++;
        while (d.hold)
                (void) pthread_cond_wait(&released, &lock);
        d.held--;
        (void) pthread_mutex_unlock(&lock);
        (void) clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
}

static int on_sync(sqlite3_file *file, int flags)
{
        wait_as_told();
        if (fails(DISK_SYNC)) {
                lose(((const DiskFile *) file)->path);
                return SQLITE_IOERR_FSYNC;
        }
        if (cuts(DISK_SYNC))
                cut_power();

        forget(((const DiskFile *) file)->path, false);
        return behind(file)->pMethods->xSync(behind(file), flags);
}

/* In place of the C library's. */
int fsync(int fd)
{
        struct stat st;

        if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && fails(DISK_SYNC_DIRECTORY)) {
                errno = d.error;
                return -1;
        }

        return (int) syscall(SYS_fsync, fd);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *ret)
{
        return behind(file)->pMethods->xFileSize(behind(file), ret);
}

static int on_lock(sqlite3_file *file, int level)
{
        return behind(file)->pMethods->xLock(behind(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
        return behind(file)->pMethods->xUnlock(behind(file), level);
}

static int on_check_lock(sqlite3_file *file, int *ret)
{
        return behind(file)->pMethods->xCheckReservedLock(behind(file), ret);
}

static int on_control(sqlite3_file *file, int op, void *argument)
{
        return behind(file)->pMethods->xFileControl(behind(file), op, argument);
}

static int on_sector_size(sqlite3_file *file)
{
        return behind(file)->pMethods->xSectorSize(behind(file));
}

static int on_characteristics(sqlite3_file *file)
{
        return behind(file)->pMethods->xDeviceCharacteristics(behind(file));
}

/* Version 1: without memory that is shared, which kneed must not need. */
static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = on_close,
        .xRead = on_read,
        .xWrite = on_write,
        .xTruncate = on_truncate,
        .xSync = on_sync,
        .xFileSize = on_size,
        .xLock = on_lock,
        .xUnlock = on_unlock,
        .xCheckReservedLock = on_check_lock,
        .xFileControl = on_control,
        .xSectorSize = on_sector_size,
        .xDeviceCharacteristics = on_characteristics,
};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret)
{
        DiskFile *opened = (DiskFile *) file;
        int code;

        file->pMethods = NULL;
        opened->real = (sqlite3_file *) (opened + 1);
        (void) snprintf(opened->path, sizeof(opened->path), "%s", name ? name : "");
        if (fails(DISK_OPEN))
                return SQLITE_CANTOPEN;

        code = real_vfs->xOpen(real_vfs, name, opened->real, flags, ret);
        if (code == SQLITE_OK)
                file->pMethods = &methods;
        return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
        forget(name, true);
        return real_vfs->xDelete(real_vfs, name, sync);
}

static int on_last_error(sqlite3_vfs *vfs, int size, char *text)
{
        int error;

        (void) pthread_mutex_lock(&lock);
        error = d.last_error;
        (void) pthread_mutex_unlock(&lock);
        return error != 0 ? error : real_vfs->xGetLastError(real_vfs, size, text);
}

void disk_install(void)
{
        real_vfs = sqlite3_vfs_find(NULL);
        disk = *real_vfs;
        disk.zName = "disk";
        disk.szOsFile = (int) sizeof(DiskFile) + real_vfs->szOsFile;
        disk.xOpen = on_open;
        disk.xDelete = on_delete;
        disk.xGetLastError = on_last_error;
        (void) sqlite3_vfs_register(&disk, 1);
}
