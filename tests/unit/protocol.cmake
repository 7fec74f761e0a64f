# SPDX-License-Identifier: MIT
kneed_test(test-profile unit/test-profile.c unit/profile-shapes.c LIBRARIES kneed-protocol)
kneed_test(test-descriptor unit/test-descriptor.c LIBRARIES kneed-protocol)
kneed_test(test-protocol-doc unit/test-protocol-doc.c unit/profile-shapes.c
        LIBRARIES kneed-protocol)
target_compile_definitions(test-protocol-doc PRIVATE KNEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
