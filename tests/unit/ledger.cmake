# SPDX-License-Identifier: MIT
add_library(kneed-ledger-site STATIC unit/ledger-site.c unit/disk.c)
target_link_libraries(kneed-ledger-site PUBLIC kneed-ledger PkgConfig::cmocka)
kneed_test(test-ledger unit/test-ledger.c LIBRARIES kneed-ledger-site LABELS unit)
kneed_test(test-ledger-faults unit/test-ledger-faults.c LIBRARIES kneed-ledger-site
        LABELS unit slow TIMEOUT 180)
kneed_test(test-ledger-hostile unit/test-ledger-hostile.c LIBRARIES kneed-ledger-site
        LABELS unit TIMEOUT 180)
kneed_test(test-ledger-crash unit/test-ledger-crash.c LIBRARIES kneed-ledger-site
        LABELS unit TIMEOUT 300)
kneed_test(test-ledger-damage unit/test-ledger-damage.c LIBRARIES kneed-ledger-site
        LABELS unit)
kneed_test(test-history unit/test-history.c LIBRARIES kneed-ledger-site kneed-manager LABELS unit)
kneed_test(test-crash-dose unit/test-crash-dose.c
        LIBRARIES kneed-ledger-site kneed-manager kneed-shipped LABELS unit)
kneed_test(test-manager-kept unit/test-manager-kept.c
        LIBRARIES kneed-ledger-site kneed-manager kneed-shipped LABELS unit)
