# SPDX-License-Identifier: MIT
kneed_test(test-model unit/test-model.c LIBRARIES kneed-simulator LABELS unit)
kneed_test(test-model-faults unit/test-model-faults.c LIBRARIES kneed-simulator LABELS unit)
kneed_test(test-model-random unit/test-model-random.c LIBRARIES kneed-simulator LABELS unit)
kneed_test(test-record unit/test-record.c LIBRARIES kneed-simulator-record LABELS unit)
