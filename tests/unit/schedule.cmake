# SPDX-License-Identifier: MIT
kneed_test(test-schedule unit/test-schedule.c LIBRARIES kneed-schedule LABELS unit)
kneed_test(test-offers unit/test-offers.c LIBRARIES kneed-schedule LABELS unit)
kneed_test(test-schedule-oracle unit/test-schedule-oracle.c LIBRARIES kneed-manager
        LABELS unit TIMEOUT 240)
kneed_test(test-wall-clock unit/test-wall-clock.c LIBRARIES kneed-manager LABELS unit)
