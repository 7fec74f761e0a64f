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

# What a library and all of the house that it links are made of, and what else that needs.
function(room_parts library ret_sources ret_libraries)
        get_target_property(folder ${library} SOURCE_DIR)
        get_target_property(sources ${library} SOURCES)
        get_target_property(linked ${library} LINK_LIBRARIES)
        list(TRANSFORM sources PREPEND ${folder}/)
        set(libraries "")
        foreach(other IN LISTS linked)
                if(other MATCHES "^kneed-" AND NOT other STREQUAL kneed-flags)
                        room_parts(${other} more_sources more_libraries)
                        list(APPEND sources ${more_sources})
                        list(APPEND libraries ${more_libraries})
                else()
                        list(APPEND libraries ${other})
                endif()
        endforeach()
        list(REMOVE_DUPLICATES sources)
        list(REMOVE_DUPLICATES libraries)
        set(${ret_sources} ${sources} PARENT_SCOPE)
        set(${ret_libraries} ${libraries} PARENT_SCOPE)
endfunction()

room_parts(kneed-config config_sources config_libraries)
fuzz_test(config ${config_sources} LIBRARIES ${config_libraries}
        ARGUMENTS ${PROJECT_SOURCE_DIR}/config/routines.d -max_len=8192
                -dict=${PROJECT_SOURCE_DIR}/tests/fuzz/config.dict)
