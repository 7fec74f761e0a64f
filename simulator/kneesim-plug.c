/* SPDX-License-Identifier: MIT */
#include "simulator/kneesim-plug.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/macro.h"
#include "simulator/kneesim-vhci.h"
#include "simulator/record.h"
#include "simulator/trance-vibrator.h"
#include "simulator/usb-device-massager.h"
#include "simulator/usbip.h"

#define USEC_PER_MS   1000u
#define TURN_MAX      256u /* commands and replies until the loop gets its turn */
#define RETRY_MS      100u /* the kernel needs a moment to give a port free */
#define RETRIES_MAX   50u
#define PLAY_OUT_MS   2000u /* longer than any cut-off of the profile */
#define NO_PORT       (-1)
#define NOT_CONNECTED (-1)

struct Plug {
        PlugOptions options;
        sd_event *event;
        sd_event_source *io;
        sd_event_source *timer;
        sd_event_source *attach_timer;
        union {
                UsbFunction function;
                UsbMassager massager;
                TranceVibrator trance;
        };
        UsbDevice device;
        UsbipReader reader;
        SimRecord *record;
        int fd;
        int port;
        unsigned n_tries;
        size_t reply_size;
        size_t reply_sent;
        uint8_t reply[USBIP_REPLY_MAX]; /* one at a time: nothing piles up here */
};

uint64_t plug_now_ms(const Plug *plug)
{
        uint64_t usec = 0;

        (void) sd_event_now(plug->event, CLOCK_BOOTTIME, &usec);
        return usec / USEC_PER_MS;
}

UsbDevice *plug_device(Plug *plug)
{
        return &plug->device;
}

int plug_port(const Plug *plug)
{
        return plug->fd == NOT_CONNECTED ? -ENOTCONN : plug->port;
}

static void update_record(Plug *plug)
{
        if (plug->record)
                (void) sim_record_update(plug->record, &plug->function.model);
}

static int set_timer(sd_event_source *timer, uint64_t at_ms)
{
        if (at_ms == SIM_NEVER)
                return sd_event_source_set_enabled(timer, SD_EVENT_OFF);
        (void) sd_event_source_set_time(timer, at_ms * USEC_PER_MS);
        return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* Returns 1 when the reply is out, 0 when the stream takes no more now. */
static int send_reply(Plug *plug)
{
        ssize_t n;

        while (plug->reply_sent < plug->reply_size) {
                n = send(plug->fd, plug->reply + plug->reply_sent,
                                plug->reply_size - plug->reply_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
                plug->reply_sent += (size_t) n;
        }
        return 1;
}

static void set_reply(Plug *plug, size_t size)
{
        plug->reply_size = size;
        plug->reply_sent = 0;
}

static bool take_result(Plug *plug, uint64_t now_ms)
{
        UsbResult result;

        if (!usb_device_take(&plug->device, now_ms, &result))
                return false;
        update_record(plug);
        set_reply(plug, usbip_encode_submitted(&result, plug->reply));
        return true;
}

static void take_command(Plug *plug, const UsbipCommand *command)
{
        UsbResult result = { .seqnum = command->seqnum };
        int r;

        switch (command->kind) {
        case USBIP_SUBMIT:
                result.status = usb_device_submit(&plug->device, &command->urb);
                if (result.status < 0)
                        set_reply(plug, usbip_encode_submitted(&result, plug->reply));
                break;
        case USBIP_UNLINK:
                r = usb_device_unlink(&plug->device, command->unlink_seqnum);
                set_reply(plug, usbip_encode_unlinked(command->seqnum, r, plug->reply));
                break;
        }
}

/* Returns 1 when it read something, 0 when there is nothing now, -ENOTCONN at the end. */
static int read_stream(Plug *plug)
{
        uint8_t *place;
        size_t room = usbip_reader_room(&plug->reader, &place);
        ssize_t n;
        int r;

        n = recv(plug->fd, place, room, MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n == 0)
                return -ENOTCONN;
        r = usbip_reader_add(&plug->reader, (size_t) n);
        if (r < 0)
                return r;
        if (r > 0)
                take_command(plug, &plug->reader.command);
        return 1;
}

/* Answers what can be answered and reads what is there, until one of them has to wait. Returns 1
 * when there may be more to do at once. */
static int serve(Plug *plug, uint64_t now_ms)
{
        int r;

        for (unsigned i = 0; i < TURN_MAX; i++) {
                r = send_reply(plug);
                if (r <= 0)
                        return r;
                if (take_result(plug, now_ms))
                        continue;
                r = read_stream(plug);
                if (r <= 0)
                        return r;
        }
        return 1;
}

static void disconnect(Plug *plug)
{
        plug->io = sd_event_source_disable_unref(plug->io);
        if (plug->fd >= 0)
                close(plug->fd);
        plug->fd = NOT_CONNECTED;
}

static void lose(Plug *plug, int r)
{
        usb_device_disconnect(&plug->device, plug_now_ms(plug));
        disconnect(plug);
        plug->options.gone(plug->options.userdata, r);
}

static void brown_out(Plug *plug)
{
        (void) plug_replug(plug, PLUG_BROWN_OUT_MS);
        plug->function.vtable->power_cycle(&plug->function, plug_now_ms(plug));
        update_record(plug);
}

/* While the stream takes no reply, there is no use in waking up for one. */
static void wait_for_more(Plug *plug, bool has_more)
{
        bool is_blocked = plug->reply_sent < plug->reply_size;
        uint32_t events = (is_blocked ? 0 : EPOLLIN) | (is_blocked || has_more ? EPOLLOUT : 0);

        if (plug->io)
                (void) sd_event_source_set_io_events(plug->io, events);
        (void) set_timer(plug->timer,
                        plug->io && is_blocked ? plug->function.vtable->acts_ms(&plug->function)
                                               : usb_device_next_ms(&plug->device));
}

void plug_touched(Plug *plug)
{
        uint64_t now_ms = plug_now_ms(plug);
        int r;

        usb_device_advance(&plug->device, now_ms);
        r = plug->fd >= 0 ? serve(plug, now_ms) : 0;
        update_record(plug);
        if (r < 0)
                lose(plug, r);
        else if (plug->fd >= 0 && usb_device_browns_out(&plug->device))
                brown_out(plug);
        wait_for_more(plug, r > 0);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        plug_touched(userdata);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        plug_touched(userdata);
        return 0;
}

int plug_connect(Plug *plug, int fd)
{
        int r;

        r = sd_event_add_io(plug->event, &plug->io, fd, EPOLLIN, on_io, plug);
        if (r < 0) {
                close(fd);
                return r;
        }
        plug->fd = fd;
        plug->reader = (UsbipReader){ 0 };
        set_reply(plug, 0);
        usb_device_connect(&plug->device, plug_now_ms(plug));
        plug_touched(plug);
        return 0;
}

int plug_attach(Plug *plug)
{
        int fd, r;

        r = vhci_attach(plug->options.directory, plug->port, &fd);
        if (r < 0)
                return r;
        plug->port = r;
        plug->n_tries = 0;
        return plug_connect(plug, fd);
}

static int on_attach_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Plug *plug = userdata;
        int r;

        r = plug_attach(plug);
        if (r == -EBUSY && plug->n_tries++ < RETRIES_MAX)
                return set_timer(source, plug_now_ms(plug) + RETRY_MS);
        if (r < 0)
                plug->options.gone(plug->options.userdata, r);
        return 0;
}

void plug_detach(Plug *plug)
{
        uint64_t now_ms = plug_now_ms(plug);

        (void) set_timer(plug->attach_timer, SIM_NEVER);
        if (plug->fd < 0)
                return;
        usb_device_disconnect(&plug->device, now_ms);
        while (send_reply(plug) > 0 && take_result(plug, now_ms))
                ;
        disconnect(plug);
        update_record(plug);
}

int plug_replug(Plug *plug, uint64_t after_ms)
{
        plug_detach(plug);
        return set_timer(plug->attach_timer, plug_now_ms(plug) + after_ms);
}

/* A massager outlives its host: its motors run down, or its own cut-off fires. The record shows it
 * as it would happen. */
static void play_out(Plug *plug)
{
        const UsbFunctionVTable *vtable = plug->function.vtable;
        uint64_t end_ms = plug_now_ms(plug) + PLAY_OUT_MS, next_ms;

        while ((next_ms = vtable->acts_ms(&plug->function)) <= end_ms) {
                vtable->advance(&plug->function, next_ms);
                update_record(plug);
        }
}

Plug *plug_free(Plug *plug)
{
        if (!plug)
                return NULL;
        if (plug->attach_timer)
                plug_detach(plug);
        if (plug->record)
                play_out(plug);
        sim_record_close(plug->record);
        sd_event_source_disable_unref(plug->timer);
        sd_event_source_disable_unref(plug->attach_timer);
        sd_event_unref(plug->event);
        free(plug);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Plug *, plug_free)

static int add_timer(
                sd_event *event, sd_event_time_handler_t handler, Plug *plug, sd_event_source **ret)
{
        int r;

        r = sd_event_add_time(event, ret, CLOCK_BOOTTIME, UINT64_MAX, 1, handler, plug);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

static void choose_model(Plug *plug)
{
        const PlugOptions *options = &plug->options;
        uint64_t now_ms = plug_now_ms(plug);

        switch (options->model) {
        case PLUG_REFERENCE:
                usb_massager_init(&plug->massager, &sim_reference_design, options->serial, now_ms);
                break;
        case PLUG_TRANCE_VIBRATOR:
                trance_vibrator_init(&plug->trance, options->serial, now_ms);
                break;
        }
        plug->function.vtable->inject(&plug->function, now_ms, options->faults);
        usb_device_init(&plug->device, &plug->function);
}

int plug_new(sd_event *event, const PlugOptions *options, Plug **ret)
{
        _cleanup_(plug_freep) Plug *plug = NULL;
        int r;

        plug = calloc(1, sizeof(*plug));
        if (!plug)
                return -ENOMEM;
        plug->options = *options;
        plug->event = sd_event_ref(event);
        plug->fd = NOT_CONNECTED;
        plug->port = options->port;
        choose_model(plug);

        if (options->record) {
                r = sim_record_open(options->record, &plug->record);
                if (r < 0)
                        return r;
        }
        r = add_timer(event, on_timer, plug, &plug->timer);
        if (r < 0)
                return r;
        r = add_timer(event, on_attach_timer, plug, &plug->attach_timer);
        if (r < 0)
                return r;
        update_record(plug);
        *ret = TAKE_PTR(plug);
        return 0;
}
