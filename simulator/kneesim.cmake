# SPDX-License-Identifier: MIT
# kneesim, the simulator as a program. Included by CMakeLists.txt beside this file.
kneed_library(kneed-simulator-usb
        trance-vibrator.c usb-device.c usb-device-descriptors.c usb-device-faults.c
        usb-device-massager.c usb-device-requests.c usbip.c
        LIBRARIES kneed-simulator)
kneed_library(kneed-kneesim
        kneesim-control.c kneesim-options.c kneesim-plug.c kneesim-vhci.c kneesim-words.c
        LIBRARIES kneed-simulator-usb kneed-simulator-record PkgConfig::systemd)

kneed_program(kneesim kneesim.c LIBRARIES kneed-kneesim)
target_compile_definitions(kneesim PRIVATE KNEED_VERSION="${PROJECT_VERSION}")
install(TARGETS kneesim DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT kneesim)
