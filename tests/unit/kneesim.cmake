# SPDX-License-Identifier: MIT
kneed_test(test-usbip unit/test-usbip.c LIBRARIES kneed-simulator-usb LABELS unit)
kneed_test(test-usb-device unit/test-usb-device.c LIBRARIES kneed-simulator-usb LABELS unit)
kneed_test(test-usb-urbs unit/test-usb-urbs.c LIBRARIES kneed-simulator-usb LABELS unit)
kneed_test(test-usb-faults unit/test-usb-faults.c LIBRARIES kneed-simulator-usb LABELS unit)
kneed_test(test-trance-vibrator unit/test-trance-vibrator.c
        LIBRARIES kneed-simulator-usb kneed-simulator-record LABELS unit)
kneed_test(test-kneesim unit/test-kneesim.c LIBRARIES kneed-kneesim LABELS unit)
