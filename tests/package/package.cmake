# SPDX-License-Identifier: MIT
# Debian packages. Included by tests/CMakeLists.txt.

# They are built by Debian's compiler with Debian's flags, whatever this tree is built with: once is enough.
if(KNEED_SANITIZE OR NOT CMAKE_C_COMPILER_ID STREQUAL GNU)
        return()
endif()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(packages ${PROJECT_BINARY_DIR}/packages)

# What is made here, the other tests look at and install.
add_test(NAME package-build
        COMMAND ${CMAKE_COMMAND} -E env --unset=DEB_BUILD_OPTIONS sh -ec
                "rm -rf '${packages}'; exec '${PROJECT_SOURCE_DIR}/tools/package' '${packages}'")
set_tests_properties(package-build PROPERTIES FIXTURES_SETUP packages PROCESSORS 2)

# For an upgrade to begin with.
add_test(NAME package-previous COMMAND ${Python3_EXECUTABLE} -B
        ${CMAKE_CURRENT_LIST_DIR}/previous.py ${PROJECT_SOURCE_DIR} ${packages}-previous)
set_tests_properties(package-previous PROPERTIES FIXTURES_SETUP packages-previous PROCESSORS 2)

foreach(subject check reproduce)
        add_test(NAME package-${subject} COMMAND ${Python3_EXECUTABLE} -B
                ${CMAKE_CURRENT_LIST_DIR}/${subject}.py ${PROJECT_SOURCE_DIR} ${packages})
        set_tests_properties(package-${subject} PROPERTIES FIXTURES_REQUIRED packages)
endforeach()
set_tests_properties(package-reproduce PROPERTIES PROCESSORS 2)

set_tests_properties(package-build package-previous package-check package-reproduce PROPERTIES
        LABELS "slow;package" TIMEOUT 600)
