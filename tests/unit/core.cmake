# SPDX-License-Identifier: MIT
kneed_test(test-leg-map unit/test-leg-map.c LIBRARIES kneed-leg)
kneed_test(test-technique unit/test-technique.c unit/layouts.c LIBRARIES kneed-shipped)
kneed_test(test-governor unit/test-governor.c unit/governor-contract.c unit/layouts.c
        LIBRARIES kneed-governor-new)
kneed_test(test-governor-state unit/test-governor-state.c unit/layouts.c
        LIBRARIES kneed-governor-new)
kneed_test(test-account unit/test-account.c unit/layouts.c
        LIBRARIES kneed-account kneed-governor-new)
kneed_test(test-session unit/test-session.c unit/layouts.c
        LIBRARIES kneed-session kneed-governor-new kneed-shipped)
kneed_test(test-render unit/test-render.c unit/layouts.c
        LIBRARIES kneed-governor-new kneed-reference kneed-render-text kneed-shipped)
kneed_test(test-grammar unit/test-grammar.c unit/config-site.c unit/governor-contract.c unit/layouts.c
        LIBRARIES kneed-session kneed-governor-new kneed-shipped LABELS unit TIMEOUT 180)
target_link_options(test-grammar PRIVATE -Wl,--wrap=governor_step)
kneed_test(test-manager-render unit/test-manager-render.c LIBRARIES kneed-manager kneed-shipped)
kneed_test(test-play unit/test-play.c unit/rig.c unit/layouts.c
        LIBRARIES kneed-manager kneed-shipped)
kneed_test(test-massager unit/test-massager.c LIBRARIES kneed-manager)
kneed_test(test-frame-clock unit/test-frame-clock.c LIBRARIES kneed-manager)
kneed_test(test-bus-guard unit/test-bus-guard.c LIBRARIES kneed-bus)
kneed_test(test-safety-doc unit/test-safety-doc.c LIBRARIES kneed-limits-table)
target_compile_definitions(test-safety-doc PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
