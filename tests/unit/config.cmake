# SPDX-License-Identifier: MIT
add_library(kneed-shipped STATIC unit/shipped.c)
target_link_libraries(kneed-shipped PUBLIC kneed-config PkgConfig::cmocka)
target_compile_definitions(kneed-shipped PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
kneed_test(test-limits unit/test-limits.c LIBRARIES kneed-technique LABELS unit)
kneed_test(test-routine unit/test-routine.c LIBRARIES kneed-shipped LABELS unit)
foreach(test test-config test-config-hostile test-config-routines test-routines-page)
        kneed_test(${test} unit/${test}.c unit/config-site.c LIBRARIES kneed-shipped LABELS unit)
        target_compile_definitions(${test} PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endforeach()
target_link_options(test-config-hostile PRIVATE -Wl,--wrap=read)
kneed_test(test-config-render unit/test-config-render.c unit/config-site.c
        LIBRARIES kneed-shipped kneed-reference LABELS unit)
target_compile_definitions(test-config-render PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
