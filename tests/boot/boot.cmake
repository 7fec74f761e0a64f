# SPDX-License-Identifier: MIT
# What is installed, in a booted Debian. Included by tests/CMakeLists.txt.

# Emulated, sanitizers take minutes and show nothing new; one compiler is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

# boot_test(NAME CHECKS PATTERN… [ARGUMENTS ARGUMENT…]): a run of the checks with such names.
function(boot_test name)
        cmake_parse_arguments(PARSE_ARGV 1 boot "" "" "CHECKS;ARGUMENTS")
        list(TRANSFORM boot_CHECKS PREPEND --only=)
        add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/run
                --packages ${PROJECT_BINARY_DIR}/packages
                --checks ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/checks ${boot_CHECKS}
                --results ${PROJECT_BINARY_DIR}/${name}/results ${boot_ARGUMENTS})
        # Two machines share two processors; making the image comes on top, once.
        set_tests_properties(${name} PROPERTIES LABELS "slow;boot" TIMEOUT 1200 RUN_SERIAL TRUE
                FIXTURES_REQUIRED "packages;packages-previous")
endfunction()

# Together, all there are: a name begins with two digits.
boot_test(boot CHECKS "[0-6]?-*" "7[0-4]-*" ARGUMENTS --install quick)
boot_test(boot-system CHECKS "7[5-9]-*" "[89]?-*"
        ARGUMENTS --previous ${PROJECT_BINARY_DIR}/packages-previous)
