/* SPDX-License-Identifier: MIT */
#include "simulator/usb-device-faults.h"

#include "common/macro.h"

const UsbFaultName usb_fault_names[] = {
        { "hang", SIM_FAULT_HANG, "the firmware hangs: motors go on, nothing is answered" },
        { "stall", SIM_FAULT_STALL, "reports on the control pipe end in a STALL" },
        { "mute", SIM_FAULT_MUTE, "no status is sent" },
        { "ignores-stop", SIM_FAULT_IGNORES_STOP, "a stop changes nothing" },
        { "stuck-motor", SIM_FAULT_STUCK_MOTOR, "motors that turn do not slow down" },
        { "stuck-sensor", SIM_FAULT_STUCK_SENSOR, "temperatures stand still" },
        { "lying-sensor", SIM_FAULT_LYING_SENSOR, "temperatures read as skin, whatever is true" },
        { "lost-sensor", SIM_FAULT_LOST_SENSOR, "no temperature is valid" },
        { "lying-status", SIM_FAULT_LYING_STATUS, "motors measure zero, whatever is true" },
        { "low-supply", SIM_FAULT_LOW_SUPPLY, "the supply is too low to go on" },
        { "nak-for-ever", USB_FAULT_NAK_FOR_EVER, "the interrupt pipes do not move" },
        { "deaf-interrupt", USB_FAULT_DEAF_INTERRUPT, "the interrupt OUT pipe does not move" },
        { "deaf-control", USB_FAULT_DEAF_CONTROL, "once in use, control is not answered" },
        { "short-report", USB_FAULT_SHORT_REPORT, "a status loses its second half" },
        { "long-report", USB_FAULT_LONG_REPORT, "a status is longer than it may be" },
        { "garbage-report", USB_FAULT_GARBAGE_REPORT, "a status is noise" },
        { "replayed-status", USB_FAULT_REPLAYED_STATUS, "the same status again and again" },
        { "lie-after-stop", USB_FAULT_LIE_AFTER_STOP, "says that it stopped, and goes on" },
        { "wrong-descriptor", USB_FAULT_WRONG_DESCRIPTOR,
                        "a report of the wrong size is described" },
        { "wrong-identity", USB_FAULT_WRONG_IDENTITY, "more actuators than records" },
        { "brown-out", USB_FAULT_BROWN_OUT, "loses its power when a motor is driven hard" },
        { "deaf-descriptor", USB_FAULT_DEAF_DESCRIPTOR, "its reports are never described" },
};

const size_t n_usb_fault_names = ELEMENTSOF(usb_fault_names);

uint32_t usb_fault_by_name(const char *name)
{
        for (size_t i = 0; i < n_usb_fault_names; i++)
                if (streq(usb_fault_names[i].name, name))
                        return usb_fault_names[i].fault;
        return 0;
}
