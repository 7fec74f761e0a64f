# SPDX-License-Identifier: MIT
# How every library, program and test of the house is compiled.

option(KNEED_WERROR "Treat warnings as errors" OFF)
option(KNEED_SANITIZE "Build with the address and undefined-behaviour sanitizers" OFF)

set(KNEED_WARNINGS
        -Wall -Wextra -Wcast-align -Wcast-qual -Wdate-time -Wdouble-promotion -Wendif-labels
        -Wfloat-equal -Wformat=2 -Wimplicit-fallthrough -Winit-self
        -Wmissing-declarations -Wmissing-include-dirs -Wmissing-noreturn -Wmissing-prototypes
        -Wnested-externs -Wnull-dereference -Wold-style-definition -Wpointer-arith
        -Wredundant-decls -Wshadow -Wstrict-aliasing=2 -Wstrict-prototypes
        -Wundef -Wunused -Wvla -Wwrite-strings -Wno-unused-parameter
        -Werror=implicit-function-declaration -Werror=incompatible-pointer-types
        -Werror=int-conversion -Werror=return-type -Werror=shift-overflow
        $<$<C_COMPILER_ID:GNU>:-Wformat-signedness -Wlogical-op -Wduplicated-cond -Wduplicated-branches
                -Wsuggest-attribute=format -Wformat-overflow=2
                -Wformat-truncation=2>)

add_library(kneed-flags INTERFACE)
target_compile_definitions(kneed-flags INTERFACE _GNU_SOURCE)
target_compile_options(kneed-flags INTERFACE ${KNEED_WARNINGS} $<$<BOOL:${KNEED_WERROR}>:-Werror>
        -fno-common -fstack-protector-strong -fno-strict-overflow)
target_include_directories(kneed-flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
if(KNEED_SANITIZE)
        target_compile_options(kneed-flags INTERFACE -fsanitize=address,undefined
                -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(kneed-flags INTERFACE -fsanitize=address,undefined)
endif()

# kneed_library(NAME SOURCES… [LIBRARIES …]): everything but main() lives in one of these,
# so that the tests link what the programs link.
function(kneed_library name)
        cmake_parse_arguments(arg "" "" "LIBRARIES" ${ARGN})
        add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
        target_link_libraries(${name} PUBLIC kneed-flags ${arg_LIBRARIES})
endfunction()

# kneed_program(NAME SOURCES… LIBRARIES …)
function(kneed_program name)
        cmake_parse_arguments(arg "" "" "LIBRARIES" ${ARGN})
        add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
        target_link_libraries(${name} PRIVATE kneed-flags ${arg_LIBRARIES})
endfunction()

# kneed_test(NAME SOURCES… LIBRARIES … [LABELS …] [TIMEOUT seconds]): one cmocka program.
function(kneed_test name)
        cmake_parse_arguments(arg "" "TIMEOUT" "LIBRARIES;LABELS" ${ARGN})
        kneed_program(${name} ${arg_UNPARSED_ARGUMENTS} LIBRARIES ${arg_LIBRARIES} PkgConfig::cmocka)
        add_test(NAME ${name} COMMAND ${name})
        if(NOT arg_TIMEOUT)
                set(arg_TIMEOUT 60)
        endif()
        set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
