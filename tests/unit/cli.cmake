# SPDX-License-Identifier: MIT
kneed_test(test-cli unit/test-cli.c LIBRARIES kneectl-verbs LABELS unit)
target_compile_definitions(test-cli PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
kneed_test(test-cli-ics unit/test-cli-ics.c LIBRARIES kneectl-verbs LABELS unit)
kneed_test(test-cli-ask unit/test-cli-ask.c LIBRARIES kneectl-verbs LABELS unit)
kneed_test(test-cli-errors unit/test-cli-errors.c LIBRARIES kneectl-verbs LABELS unit)
kneed_test(test-cli-person unit/test-cli-person.c LIBRARIES kneectl-verbs LABELS unit)
kneed_test(test-guide unit/test-guide.c unit/guide-text.c LIBRARIES kneectl-verbs LABELS unit)
target_compile_definitions(test-guide PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
kneed_test(test-guide-agrees unit/test-guide-agrees.c unit/guide-text.c
        LIBRARIES kneectl-verbs kneed-person LABELS unit)
target_compile_definitions(test-guide-agrees PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
