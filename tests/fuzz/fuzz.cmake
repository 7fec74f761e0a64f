# SPDX-License-Identifier: MIT
# Fuzzers: clang's libFuzzer with the address and undefined-behaviour sanitizers. Each runs for a
# minute over its corpus and what it finds from there.
if(NOT CMAKE_C_COMPILER_ID MATCHES Clang OR KNEED_SANITIZE)
        return()
endif()

find_package(Python3 REQUIRED COMPONENTS Interpreter)

# fuzz_test(NAME SOURCES… [LIBRARIES …] [ARGUMENTS …]): the sources of the room itself, so that they are
# instrumented too; arguments for the fuzzer, among them more folders of seeds.
function(fuzz_test name)
        cmake_parse_arguments(arg "" "" "LIBRARIES;ARGUMENTS" ${ARGN})
        add_executable(fuzz-${name} fuzz/fuzz-${name}.c ${arg_UNPARSED_ARGUMENTS})
        target_link_libraries(fuzz-${name} PRIVATE kneed-flags ${arg_LIBRARIES})
        target_compile_options(fuzz-${name} PRIVATE -fsanitize=fuzzer,address,undefined
                -fno-sanitize-recover=all)
        target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer,address,undefined)
        # Seeds are kept as text, so that a person can read what they are.
        set(seeds ${CMAKE_CURRENT_BINARY_DIR}/fuzz-seeds-${name})
        add_custom_command(TARGET fuzz-${name} POST_BUILD
                COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/fuzz/seeds.py
                        ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus-${name} ${seeds})
        file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fuzz-found-${name})
        add_test(NAME fuzz-${name} COMMAND fuzz-${name} -max_total_time=60 -print_final_stats=1
                -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/
                ${CMAKE_CURRENT_BINARY_DIR}/fuzz-found-${name}
                ${seeds} ${arg_ARGUMENTS})
        set_tests_properties(fuzz-${name} PROPERTIES TIMEOUT 180 LABELS "fuzz;slow")
endfunction()

fuzz_test(descriptor ${PROJECT_SOURCE_DIR}/protocol/descriptor.c)

set(config_rooms config.c config-errors.c config-routine.c config-routines.c config-schema.c
        config-technique.c config-text.c keep-out.c leg.c leg-map.c limits.c routine.c technique.c)
list(TRANSFORM config_rooms PREPEND ${PROJECT_SOURCE_DIR}/daemon/)
fuzz_test(config ${config_rooms} LIBRARIES PkgConfig::libconfig m
        ARGUMENTS ${PROJECT_SOURCE_DIR}/config/routines.d
                -dict=${PROJECT_SOURCE_DIR}/tests/fuzz/config.dict)
