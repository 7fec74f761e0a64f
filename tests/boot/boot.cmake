# SPDX-License-Identifier: MIT
# What is installed, in a booted Debian. Included by tests/CMakeLists.txt.

# Emulated, sanitizers take minutes and show nothing new; one compiler is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

set(tree ${PROJECT_BINARY_DIR}/boot/tree)
add_test(NAME boot COMMAND sh -ec "
        rm -rf '${tree}'
        DESTDIR='${tree}' '${CMAKE_COMMAND}' --install '${PROJECT_BINARY_DIR}' >/dev/null
        exec '${CMAKE_CURRENT_LIST_DIR}/run' --install-tree '${tree}' \
                --checks '${CMAKE_CURRENT_LIST_DIR}/checks' \
                --results '${PROJECT_BINARY_DIR}/boot/results'")
# Three machines share two processors; making the image comes on top, once.
set_tests_properties(boot PROPERTIES LABELS "slow;boot" TIMEOUT 900 PROCESSORS 2)
