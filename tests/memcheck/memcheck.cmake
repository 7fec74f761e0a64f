# SPDX-License-Identifier: MIT
# The scenarios again, under valgrind. Included by tests/CMakeLists.txt.

# It does not go together with the sanitizers, and one compiler is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

find_program(KNEED_VALGRIND valgrind REQUIRED)

# memcheck_test(NAME PROGRAM [ARGUMENT…])
function(memcheck_test name)
        add_test(NAME memcheck-${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/memcheck/memcheck
                ${PROJECT_BINARY_DIR}/memcheck-${name}.log ${ARGN})
        set_tests_properties(memcheck-${name} PROPERTIES LABELS "slow;memcheck" TIMEOUT 180)
endfunction()

foreach(subject massager model-faults record session trance-vibrator usb-device usb-faults usb-urbs
                usbip)
        memcheck_test(${subject} $<TARGET_FILE:test-${subject}>)
endforeach()

foreach(subject session fault plug trance stop unplug)
        memcheck_test(usb-${subject} $<TARGET_FILE:test-usb-${subject}>)
        set_tests_properties(memcheck-usb-${subject} PROPERTIES COST 100 ENVIRONMENT
                "PRELOAD=libumockdev-preload.so.0;MAY_FAIL=3")
endforeach()

# It finds what it is for.
kneed_program(planted memcheck/planted.c LIBRARIES "")
memcheck_test(nothing-planted $<TARGET_FILE:planted>)
foreach(fault leak uninitialised open-file)
        memcheck_test(planted-${fault} $<TARGET_FILE:planted> ${fault})
        set_tests_properties(memcheck-planted-${fault} PROPERTIES WILL_FAIL ON)
endforeach()
