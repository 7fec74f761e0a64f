/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside the bus. The lock holds everything but what the testbed does. */

#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <umockdev.h>

#include "simulator/trance-vibrator.h"
#include "simulator/usb-device-massager.h"
#include "tests/usb/mock-usb.h"

#define MOCK_DEVICES_MAX 8u
#define MOCK_PATH_MAX    128u

/* A URB of usbfs. What came of it is written into the client's memory when the client reaps it, and
 * waits for that. */
typedef struct MockUrb {
        struct usbdevfs_urb *urb; /* the client's; NULL: a free place */
        uint8_t *data;            /* the client's, where what is read goes */
        uint32_t seqnum;
        uint64_t ended; /* counts up in the order in which they end; 0: not yet */
        UsbResult result;
} MockUrb;

/* A request that the kernel lets wait. */
typedef struct MockHeld {
        MockDevice *device;
        UMockdevIoctlClient *client;
} MockHeld;

struct MockDevice {
        MockBus *bus;
        union {
                UsbFunction function;
                UsbMassager massager;
                TranceVibrator trance;
        };
        UsbDevice usb;
        SimDesign design; /* of a massager */
        bool browned_out;
        bool has_kernel_driver;
        bool is_claimed;
        bool is_occupied;
        unsigned n_opens;
        unsigned n_resets;
        unsigned n_waits;
        unsigned n_held;
        unsigned hold_ms;
        uint64_t held_until_ms; /* by the kernel's driver; 0: it is not */

        unsigned address; /* 0: it was never plugged in */
        unsigned port;
        bool is_plugged;           /* in sysfs */
        char node[MOCK_PATH_MAX];  /* /dev/bus/usb/BBB/DDD */
        char sysfs[MOCK_PATH_MAX]; /* /sys/devices/usb1/1-P */
        /* The node is the slave of a pty, because that alone can be polled and told what to say. */
        int master;
        int slave;

        uint32_t last_seqnum;
        uint64_t last_ended;
        MockUrb urbs[USB_URBS_MAX];

        bool is_driven; /* some motor has a level to reach */
        uint64_t pumped_ms;
        uint64_t driven_ms;

        uint32_t frames_applied;
        size_t n_frames;
        MockFrame frames[MOCK_FRAMES_MAX];
};

struct MockBus {
        UMockdevTestbed *testbed;
        UMockdevIoctlBase *usbfs;
        char *root; /* of the testbed */
        pthread_t thread;
        pthread_mutex_t lock;
        pthread_cond_t changed; /* what a device waits for */
        bool is_over;
        unsigned last_address;
        pid_t client; /* whose memory the requests speak of; 0: nobody's yet */
        size_t n_devices;
        MockDevice *devices[MOCK_DEVICES_MAX];
};

/* Something that must not happen, on any thread. */
void mock_fail(const char *what) __attribute__((noreturn));

/* With the lock held. Lets the device do what is due, and notes what it did. */
void mock_device_pump(MockDevice *d);

/* With the lock held. The device is off the bus: its node says so. */
void mock_device_drop(MockDevice *d);

/* With the lock held. Says whether there is something to reap, as POLLOUT. */
void mock_device_set_ready(MockDevice *d);

/* With the lock held. */
bool mock_device_take(MockDevice *d, const UsbResult *result);

/* With the lock held. What was claimed and submitted is let go, as a kernel does it when a process
 * ends. */
void mock_device_let_go(MockDevice *d);

/* Answers usbfs's requests, on a thread of umockdev's. */
void mock_usbfs_attach(MockBus *bus);
