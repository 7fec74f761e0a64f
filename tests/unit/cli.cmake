# SPDX-License-Identifier: MIT
kneed_test(test-cli unit/test-cli.c LIBRARIES kneectl-verbs LABELS unit)
