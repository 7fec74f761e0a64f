# SPDX-License-Identifier: MIT
# The real programs on a private bus, with a massager in software.
kneed_library(kneed-stage bus/client.c bus/kneectl.c bus/record-file.c bus/record-truth.c
        bus/stage.c bus/tmux.c bus/witness.c
        LIBRARIES kneed-protocol PkgConfig::systemd PkgConfig::cmocka)
target_compile_definitions(kneed-stage PUBLIC KNEED_PROGRAM="$<TARGET_FILE:kneed>"
        KNEECTL_PROGRAM="$<TARGET_FILE:kneectl>" KNEED_DATA="${PROJECT_SOURCE_DIR}/config")
add_dependencies(kneed-stage kneed kneectl)

# bus_test(NAME [LIBRARIES …] [LABELS …] [TIMEOUT seconds])
function(bus_test name)
        cmake_parse_arguments(arg "" "TIMEOUT" "LIBRARIES;LABELS" ${ARGN})
        kneed_test(${name} bus/${name}.c LIBRARIES kneed-stage ${arg_LIBRARIES}
                LABELS bus ${arg_LABELS} TIMEOUT ${arg_TIMEOUT})
endfunction()

pkg_check_modules(gio REQUIRED IMPORTED_TARGET gio-2.0)

bus_test(test-bus-introspection LIBRARIES PkgConfig::gio)
bus_test(test-bus-bad-calls)
bus_test(test-bus-bad-options)
bus_test(test-bus-first-run)
bus_test(test-bus-flood)
# Two flooders, the bus and kneed fill two cores already.
set_tests_properties(test-bus-flood PROPERTIES RUN_SERIAL ON)
bus_test(test-bus-lease)
bus_test(test-bus-person)
bus_test(test-bus-session)
bus_test(test-bus-signals)
bus_test(test-bus-daemon)
bus_test(test-bus-kneectl LIBRARIES PkgConfig::json-c kneed-shipped)
bus_test(test-bus-kneectl-mock)
bus_test(test-bus-kneectl-person LIBRARIES PkgConfig::json-c)
bus_test(test-bus-reload)
bus_test(test-bus-record)
set_tests_properties(test-bus-record PROPERTIES COST 20) # the longest of the quick ones goes first
add_library(slow-disk MODULE bus/slow-disk.c)
target_link_libraries(slow-disk PRIVATE kneed-flags)
bus_test(test-bus-disk LABELS slow TIMEOUT 180)
add_dependencies(test-bus-disk slow-disk)
target_compile_definitions(test-bus-disk PRIVATE SLOW_DISK_LIBRARY="$<TARGET_FILE:slow-disk>")
# The preloaded library comes before the address sanitizer's.
set_tests_properties(test-bus-disk PROPERTIES ENVIRONMENT ASAN_OPTIONS=verify_asan_link_order=0)
bus_test(test-bus-whole LABELS long TIMEOUT 720)
