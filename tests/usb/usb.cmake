# SPDX-License-Identifier: MIT
# kneed's USB side on a mock bus: libusb as it is, no root, no kernel. Included by
# tests/CMakeLists.txt.

pkg_check_modules(umockdev REQUIRED IMPORTED_TARGET umockdev-1.0>=0.17)

kneed_library(kneed-mock-usb usb/mock-usb.c usb/mock-usbfs.c
        LIBRARIES kneed-simulator-usb PkgConfig::umockdev PkgConfig::cmocka)
kneed_library(kneed-bench usb/bench.c usb/haste.c usb/turn-time.c
        LIBRARIES kneed-mock-usb kneed-manager kneed-shipped kneed-usb)
target_compile_definitions(kneed-bench PRIVATE
        KNEED_USB_HELPER_BUILT="$<TARGET_FILE:kneed-usb-helper>")
add_dependencies(kneed-bench kneed-usb-helper)
target_link_options(kneed-bench INTERFACE -Wl,--wrap=posix_spawn,--wrap=clock_gettime
        -Wl,--wrap=sd_event_source_set_time)

# The preloaded library has to be the first; the address sanitizer wants to be that too.
function(preload name)
        set_tests_properties(${name} PROPERTIES ENVIRONMENT
                "LD_PRELOAD=libumockdev-preload.so.0;ASAN_OPTIONS=verify_asan_link_order=0")
endfunction()

foreach(subject session ends fault plug trance stop unplug)
        kneed_test(test-usb-${subject} usb/test-usb-${subject}.c LIBRARIES kneed-bench LABELS usb)
        preload(test-usb-${subject})
endforeach()

# The real kneed, killed; a few times each time, and two hundred times where there is time.
kneed_test(test-usb-crash usb/test-usb-crash.c LIBRARIES kneed-mock-usb kneed-stage LABELS usb)
preload(test-usb-crash)
foreach(seed 2 3)
        add_test(NAME test-usb-crash-${seed} COMMAND test-usb-crash ${seed} 100)
        set_tests_properties(test-usb-crash-${seed} PROPERTIES LABELS "usb;long" TIMEOUT 900)
        preload(test-usb-crash-${seed})
endforeach()
