/* SPDX-License-Identifier: MIT */
#pragma once

/* A USB bus without a kernel and without root: umockdev gives sysfs, uevents and device nodes, and
 * answers usbfs's requests in this process; so libusb, unmodified, finds devices and talks to them.
 * Behind a node stands a simulated device (simulator/usb-device.h) in real time, on a thread of its
 * own: it goes on when the loop under test does not.
 *
 * The program has to run with libumockdev-preload in LD_PRELOAD. All functions are for the thread
 * of the test. */

#include <sys/types.h>

#include "simulator/usb-device.h"

#define MOCK_FRAMES_MAX 1024u

typedef enum MockKind {
        MOCK_MASSAGER,
        MOCK_TRANCE_VIBRATOR,
        MOCK_KEYBOARD, /* all that a massager has, but for the interface's string */
} MockKind;

/* Which news comes first is a matter of chance in a kernel. */
typedef enum MockOrder {
        MOCK_NODE_FIRST,
        MOCK_UEVENT_FIRST,
} MockOrder;

/* A frame that the device applied, as it understood it. */
typedef struct MockFrame {
        uint16_t sequence;
        uint16_t level_permille[KNEED_ACTUATORS_MAX];
} MockFrame;

/* What a device, and the kernel's side of it, saw and did. */
typedef struct MockTruth {
        SimModel model; /* at this moment */
        bool is_moving;
        bool is_powered; /* false after a brown-out */
        bool has_kernel_driver;
        bool is_claimed;
        unsigned n_opens;  /* of its node */
        unsigned n_resets; /* of its port */
        unsigned n_urbs;   /* that nobody has reaped */
        unsigned n_waits;  /* requests in which a kernel waits for what may never answer */
        unsigned n_held;   /* requests that waited for the device's lock */
        /* Altogether, how long some motor had a level to reach. */
        uint64_t driven_ms;
} MockTruth;

typedef struct MockBus MockBus;
typedef struct MockDevice MockDevice;

/* Gives up what root may do beyond others, so that permissions mean the same to everybody. */
MockBus *mock_bus_new(void);
MockBus *mock_bus_free(MockBus *bus);

/* Whose requests are answered from now on: those of a child of this process. 0: the one before is
 * dead, and requests wait until it is said whose they are. */
void mock_bus_serve(MockBus *bus, pid_t client);

/* Not plugged in; the bus's own. serial is kept by address; NULL: it has none. */
MockDevice *mock_device_new(MockBus *bus, MockKind kind, const char *serial);

/* At a port from 1 on; each time with a new address, as from a kernel. */
void mock_device_plug(MockDevice *d, unsigned port);
void mock_device_unplug(MockDevice *d, MockOrder order);

/* The same in two parts: the interface shows up later. */
void mock_device_plug_without_interface(MockDevice *d, unsigned port);
void mock_device_add_interface(MockDevice *d);

/* And with the interface there, but not its string. */
void mock_device_plug_without_name(MockDevice *d, unsigned port);
void mock_device_name_interface(MockDevice *d);

/* From the next plug on, for so long, the kernel holds the device's lock, as its driver does while
 * it asks a device that is slow. Whoever asks the kernel for anything of that device then waits. */
void mock_device_hold(MockDevice *d, unsigned ms);

/* SimFault and UsbFault bits, all of them. */
void mock_device_inject(MockDevice *d, uint32_t faults);
void mock_device_press_button(MockDevice *d, bool pressed);
void mock_device_warm(MockDevice *d, int cc);        /* its heaters are that warm */
void mock_device_supply(MockDevice *d, unsigned ma); /* from the next opening on */

/* Whether its node may be opened, and whether another program has the interface. */
void mock_device_permit(MockDevice *d, bool permitted);
void mock_device_occupy(MockDevice *d, bool occupied);

unsigned mock_device_address(const MockDevice *d);
void mock_device_look(MockDevice *d, MockTruth *ret);

/* All frames since it was made; the most that are kept is MOCK_FRAMES_MAX. Good as long as nothing
 * plays. */
const MockFrame *mock_device_frames(MockDevice *d, size_t *ret_n);
