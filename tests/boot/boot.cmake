# SPDX-License-Identifier: MIT
# What is installed, in a booted Debian. Included by tests/CMakeLists.txt.

# Emulated, sanitizers take minutes and show nothing new; one compiler is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

add_test(NAME boot COMMAND ${CMAKE_CURRENT_LIST_DIR}/run --packages ${PROJECT_BINARY_DIR}/packages
        --previous ${PROJECT_BINARY_DIR}/packages-previous
        --checks ${CMAKE_CURRENT_LIST_DIR}/checks --results ${PROJECT_BINARY_DIR}/boot/results)
# Two machines share two processors; making the image comes on top, once.
set_tests_properties(boot PROPERTIES LABELS "slow;boot" TIMEOUT 1500 PROCESSORS 2
        FIXTURES_REQUIRED "packages;packages-previous")
