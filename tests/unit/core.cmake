# SPDX-License-Identifier: MIT
kneed_test(test-leg-map unit/test-leg-map.c LIBRARIES kneed-leg)
kneed_test(test-technique unit/test-technique.c unit/layouts.c LIBRARIES kneed-technique)
