/* SPDX-License-Identifier: MIT */
/* kneed-usb-helper: does to one USB device what can block for minutes where it hangs; and stops
 * what a kneed that is gone has left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/macro.h"
#include "protocol/profile.h"

#define NUMBER_MAX 999

#define DEVICES       "/sys/bus/usb/devices"
#define PATH_BYTES    320
#define TEXT_BYTES    64
#define MASSAGERS_MAX 64 /* as many as kneed takes */
#define STOP_MS       100u

#define HID_SET_REPORT_TYPE 0x21u /* OUT, class, interface */
#define HID_SET_REPORT      0x09u

/* The Rez Trance Vibrator; see driver-trance.c. */
#define TRANCE_VENDOR       "0b49"
#define TRANCE_PRODUCT      "064f"
#define TRANCE_REQUEST_TYPE 0x43u
#define TRANCE_SET_SPEED    0x01u

typedef struct Action {
        const char *name;
        const char *argument; /* NULL where there is none */
        int (*run)(int fd, int argument);
        const char *failure; /* NULL: whoever asked is told on standard output: 0 or an errno */
} Action;

static int reset(int fd, int argument)
{
        return ioctl(fd, USBDEVFS_RESET);
}

static int give_back(int fd, int interface)
{
        struct usbdevfs_ioctl command = { .ifno = interface, .ioctl_code = USBDEVFS_CONNECT };

        return ioctl(fd, USBDEVFS_IOCTL, &command);
}

/* Whoever opens a device waits for the kernel's driver, which holds it while it asks it things.
 * What another program has stays with that. */
static int detach(int fd, int interface)
{
        struct usbdevfs_disconnect_claim claim = {
                .interface = (unsigned) interface,
                .flags = USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER,
                .driver = "usbfs",
        };

        if (ioctl(fd, USBDEVFS_DISCONNECT_CLAIM, &claim) < 0)
                return -1;

        return ioctl(fd, USBDEVFS_RELEASEINTERFACE, &claim.interface);
}

static const Action actions[] = {
        { "reset", NULL, reset, "cannot be reset" },
        { "detach", "INTERFACE", detach, NULL },
        { "give-back", "INTERFACE", give_back, "cannot be given back to the kernel's driver" },
};

static int parse_number(const char *s)
{
        char *end;
        long n = strtol(s, &end, 10);

        return *s != '\0' && *end == '\0' && n >= 0 && n <= NUMBER_MAX ? (int) n : -1;
}

/* The first line of a file in sysfs; empty where there is none. */
static void read_text(const char *folder, const char *name, char ret[static TEXT_BYTES])
{
        _cleanup_close_ int fd = -1;
        char path[PATH_BYTES];
        ssize_t n;

        (void) snprintf(path, sizeof(path), DEVICES "/%.120s/%.60s", folder, name);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        n = fd < 0 ? -1 : read(fd, ret, TEXT_BYTES - 1);
        ret[n > 0 ? n : 0] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

static int read_number(const char *folder, const char *name)
{
        char text[TEXT_BYTES];

        read_text(folder, name, text);
        return parse_number(text);
}

/* What a driver or another program has is not kneed's any more: to claim it says so. */
static int send_stop(int fd, unsigned interface, struct usbdevfs_ctrltransfer stop)
{
        if (ioctl(fd, USBDEVFS_CLAIMINTERFACE, &interface) < 0)
                return errno == EBUSY ? 0 : -errno;

        return ioctl(fd, USBDEVFS_CONTROL, &stop) < 0 ? -errno : 1;
}

static int stop_massager(int fd, unsigned interface)
{
        uint8_t report[KNEED_COMMAND_SIZE];

        (void) kneed_command_encode(KNEED_COMMAND_STOP, report);
        return send_stop(fd, interface,
                        (struct usbdevfs_ctrltransfer){
                                        .bRequestType = HID_SET_REPORT_TYPE,
                                        .bRequest = HID_SET_REPORT,
                                        .wValue = KNEED_TYPE_OUTPUT << 8 | KNEED_REPORT_COMMAND,
                                        .wIndex = (uint16_t) interface,
                                        .wLength = sizeof(report),
                                        .timeout = STOP_MS,
                                        .data = report,
                        });
}

static int stop_trance(int fd, unsigned interface)
{
        return send_stop(fd, interface,
                        (struct usbdevfs_ctrltransfer){
                                        .bRequestType = TRANCE_REQUEST_TYPE,
                                        .bRequest = TRANCE_SET_SPEED,
                                        .timeout = STOP_MS,
                        });
}

/* One interface, by its name in sysfs: "1-2.3:1.0". 1: it was told to stop. */
static int stop_interface(const char *name)
{
        char device[TEXT_BYTES], marker[TEXT_BYTES], vendor[TEXT_BYTES], product[TEXT_BYTES];
        _cleanup_close_ int fd = -1;
        char path[PATH_BYTES];
        int bus, address, interface;
        bool is_massager, is_trance;

        (void) snprintf(device, sizeof(device), "%.60s", name);
        device[strcspn(device, ":")] = '\0';
        read_text(name, "interface", marker);
        read_text(device, "idVendor", vendor);
        read_text(device, "idProduct", product);
        is_massager = streq(marker, KNEED_MARKER);
        is_trance = streq(vendor, TRANCE_VENDOR) && streq(product, TRANCE_PRODUCT);
        if (!is_massager && !is_trance)
                return 0;

        bus = read_number(device, "busnum");
        address = read_number(device, "devnum");
        interface = parse_number(strrchr(name, '.') ? strrchr(name, '.') + 1 : "");
        if (bus < 1 || address < 1 || interface < 0)
                return -ENODEV;

        (void) snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", bus, address);
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        return is_massager ? stop_massager(fd, (unsigned) interface)
                           : stop_trance(fd, (unsigned) interface);
}

/* SR-LAST-STOP: After kneed is gone, however that was. It needs no bus, no config and no ledger,
 * and takes a moment: what answers does so at once, and what does not has a cut-off of its own. */
static int stop_all(void)
{
        const struct dirent *entry;
        DIR *devices = opendir(DEVICES);
        unsigned n = 0;

        if (!devices)
                return errno == ENOENT ? EXIT_SUCCESS : EXIT_FAILURE;

        while (n < MASSAGERS_MAX && (entry = readdir(devices))) {
                int r = strchr(entry->d_name, ':') ? stop_interface(entry->d_name) : 0;

                if (r != 0)
                        n++;
                if (r < 0)
                        (void) fprintf(stderr, "%s: stop could not be sent: %s\n", entry->d_name,
                                        strerror(-r));
        }

        (void) closedir(devices);
        return EXIT_SUCCESS;
}

static int usage(void)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                (void) fprintf(stderr, "%s kneed-usb-helper %s BUS ADDRESS%s%s\n",
                                i == 0 ? "Usage:" : "      ", actions[i].name,
                                actions[i].argument ? " " : "",
                                actions[i].argument ? actions[i].argument : "");
        (void) fprintf(stderr, "       kneed-usb-helper stop-all\n");

        return 2;
}

static const Action *find_action(int n_arguments, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (n_arguments == (actions[i].argument ? 5 : 4) && streq(name, actions[i].name))
                        return &actions[i];

        return NULL;
}

/* Nobody else would give back what nobody waits for any more. */
static int answer(int fd, int interface, int error)
{
        (void) signal(SIGPIPE, SIG_IGN);
        (void) printf("%d\n", error);
        if (fflush(stdout) != 0 && error == 0)
                (void) give_back(fd, interface);

        return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
        const Action *action = argc > 1 ? find_action(argc, argv[1]) : NULL;
        int bus = action ? parse_number(argv[2]) : -1;
        int address = action ? parse_number(argv[3]) : -1;
        int argument = action && action->argument ? parse_number(argv[4]) : 0;
        char path[64];
        int fd, error;

        if (argc == 2 && streq(argv[1], "stop-all"))
                return stop_all();
        if (bus < 1 || address < 1 || argument < 0)
                return usage();

        (void) snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", bus, address);
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        error = fd < 0 || action->run(fd, argument) < 0 ? errno : 0;
        if (!action->failure)
                return answer(fd, argument, error);
        if (error != 0) {
                (void) fprintf(stderr, "%s %s: %s\n", path, action->failure, strerror(error));
                return EXIT_FAILURE;
        }

        return close(fd) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
