# SPDX-License-Identifier: MIT
kneed_test(test-limits unit/test-limits.c LIBRARIES kneed-technique LABELS unit)
kneed_test(test-routine unit/test-routine.c LIBRARIES kneed-technique LABELS unit)
foreach(test test-config test-config-doc test-config-hostile test-config-schedule)
        kneed_test(${test} unit/${test}.c unit/config-site.c LIBRARIES kneed-config LABELS unit)
        target_compile_definitions(${test} PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endforeach()
