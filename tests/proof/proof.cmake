# SPDX-License-Identifier: MIT
# The governor's contract, proved for all inputs. Included by tests/CMakeLists.txt.

# It looks at the sources: once is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

add_test(NAME proof COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/prove.py
        ${PROJECT_SOURCE_DIR})
# Provers have a time-out for each goal, so that nothing else shall take their processors.
set_tests_properties(proof PROPERTIES LABELS "slow;proof" TIMEOUT 3000 RUN_SERIAL TRUE)
