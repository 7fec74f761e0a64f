# SPDX-License-Identifier: MIT
kneed_test(test-day-clock unit/test-day-clock.c LIBRARIES kneed-person)
kneed_test(test-pain unit/test-pain.c LIBRARIES kneed-person)
kneed_test(test-screening unit/test-screening.c LIBRARIES kneed-person)
kneed_test(test-person unit/test-person.c LIBRARIES kneed-person)
kneed_test(test-person-advice unit/test-person-advice.c LIBRARIES kneed-person)
kneed_test(test-person-clock unit/test-person-clock.c LIBRARIES kneed-person)
kneed_test(test-person-random unit/test-person-random.c unit/recount.c LIBRARIES kneed-person)
target_compile_definitions(test-screening PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
