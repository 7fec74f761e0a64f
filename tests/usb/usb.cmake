# SPDX-License-Identifier: MIT
# kneed's USB side on a mock bus: libusb as it is, no root, no kernel. Included by
# tests/CMakeLists.txt.

pkg_check_modules(umockdev REQUIRED IMPORTED_TARGET umockdev-1.0>=0.17)

kneed_library(kneed-mock-usb usb/bench.c usb/mock-usb.c usb/mock-usbfs.c
        LIBRARIES kneed-manager kneed-usb kneed-simulator-usb PkgConfig::umockdev PkgConfig::cmocka)
target_compile_definitions(kneed-mock-usb PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

# The preloaded library has to be the first; the address sanitizer wants to be that too.
function(usb_test name)
        kneed_test(${name} usb/${name}.c ${ARGN} LIBRARIES kneed-mock-usb LABELS usb)
        set_tests_properties(${name} PROPERTIES ENVIRONMENT
                "LD_PRELOAD=libumockdev-preload.so.0;ASAN_OPTIONS=verify_asan_link_order=0")
endfunction()

usb_test(test-usb-plug)
