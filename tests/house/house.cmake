# SPDX-License-Identifier: MIT
# Tests of the house itself: how it is built, not what it does. Included by tests/CMakeLists.txt.

# house_test(NAME SCRIPT ARGUMENTS…)
function(house_test name script)
        add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B
                ${PROJECT_SOURCE_DIR}/tests/house/${script} ${ARGN})
        set_tests_properties(${name} PROPERTIES LABELS house TIMEOUT 60)
endfunction()

find_package(Python3 REQUIRED COMPONENTS Interpreter)

# clang-tidy reads what clang was told; gcc's words for warnings are foreign to it.
if(CMAKE_C_COMPILER_ID MATCHES Clang)
        house_test(house-tidy tidy.py ${PROJECT_BINARY_DIR})
        set_tests_properties(house-tidy PROPERTIES LABELS "house;slow" TIMEOUT 900)
endif()

# The rest looks at the tree, or at plain objects: once is enough.
if(KNEED_SANITIZE)
        return()
endif()

house_test(house-arrows arrows.py ${PROJECT_SOURCE_DIR})
house_test(house-files files.py ${PROJECT_SOURCE_DIR})
house_test(house-format format.py ${PROJECT_SOURCE_DIR})
house_test(house-interfaces interfaces.py ${PROJECT_SOURCE_DIR})
house_test(house-safety-case safety_case.py ${PROJECT_SOURCE_DIR})
house_test(house-scenarios scenarios.py ${PROJECT_SOURCE_DIR})
house_test(house-system system.py ${PROJECT_SOURCE_DIR})
house_test(house-journal journal.py ${PROJECT_SOURCE_DIR})
house_test(house-one-gate one_gate.py ${PROJECT_SOURCE_DIR} ${CMAKE_C_COMPILER})
# Where the compiler can be told to use general registers only.
if(CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|aarch64)$")
        house_test(house-integers integers.py ${PROJECT_SOURCE_DIR} ${CMAKE_C_COMPILER} ${CMAKE_NM})
endif()
house_test(house-symbols symbols.py ${CMAKE_NM}
        kneed-protocol=$<TARGET_FILE:kneed-protocol>
        kneed-simulator=$<TARGET_FILE:kneed-simulator>:kneed-protocol
        kneed-simulator-usb=$<TARGET_FILE:kneed-simulator-usb>:kneed-protocol:kneed-simulator
        kneed-leg=$<TARGET_FILE:kneed-leg>
        kneed-technique=$<TARGET_FILE:kneed-technique>:kneed-leg
        kneed-governor=$<TARGET_FILE:kneed-governor>:kneed-leg
        kneed-person=$<TARGET_FILE:kneed-person>:kneed-leg
        kneed-schedule=$<TARGET_FILE:kneed-schedule>:kneed-leg
        kneed-account=$<TARGET_FILE:kneed-account>:kneed-leg:kneed-governor
        kneed-session=$<TARGET_FILE:kneed-session>:kneed-leg:kneed-technique:kneed-governor
        kneed-render=$<TARGET_FILE:kneed-render>:kneed-leg:kneed-technique:kneed-governor:kneed-session)
house_test(house-policy policy.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:kneed>)
house_test(house-install install.py ${CMAKE_COMMAND} ${PROJECT_BINARY_DIR} $<TARGET_FILE:kneed>
        ${PROJECT_SOURCE_DIR})
house_test(house-security security.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/systemd/kneed.service)
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.[1-8])
add_test(NAME house-man COMMAND mandoc -T lint -W warning ${pages})
set_tests_properties(house-man PROPERTIES LABELS house TIMEOUT 60)
if(TEST house-integers)
        house_test(house-bites bites.py ${PROJECT_SOURCE_DIR} ${CMAKE_C_COMPILER} ${CMAKE_NM})
endif()
