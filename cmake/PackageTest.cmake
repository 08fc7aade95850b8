# jitrig as other projects use it, tested on an installed and then moved copy: package_test.py. The label is
# "examples": examples/ is the other project.
function(jitrig_package_test step timeout_s)
  add_test(NAME examples.${step}
    COMMAND "${JITRIG_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/package_test.py" ${step}
            --source "${PROJECT_SOURCE_DIR}" --build "${PROJECT_BINARY_DIR}" --cmake "${CMAKE_COMMAND}"
            --compiler "${CMAKE_CXX_COMPILER}" --launcher=${CMAKE_CXX_COMPILER_LAUNCHER}
            --build-type=${CMAKE_BUILD_TYPE})
  # They run compilers: one of them at a time, and on slow machines for long.
  set_tests_properties(examples.${step} PROPERTIES
    LABELS examples ENVIRONMENT PYTHONDONTWRITEBYTECODE=1 TIMEOUT ${timeout_s} RESOURCE_LOCK package_test)
endfunction()

jitrig_package_test(install ${JITRIG_TEST_TIMEOUT_S})
jitrig_package_test(together 1200)
set_tests_properties(examples.together PROPERTIES FIXTURES_REQUIRED installed_package)
# Two minutes of a compiler, which continuous integration cannot spare: its presets precompile headers, and `./dev
# check` builds one that does not.
if(NOT JITRIG_SANITIZE AND NOT JITRIG_PRECOMPILED_HEADERS)
  jitrig_package_test(headers 1200)
  set_tests_properties(examples.headers PROPERTIES FIXTURES_REQUIRED installed_package PROCESSORS 2)
endif()
jitrig_package_test(examples 1200)
jitrig_package_test(errors ${JITRIG_TEST_TIMEOUT_S})
jitrig_package_test(subdirectory ${JITRIG_TEST_TIMEOUT_S})
set_tests_properties(examples.install PROPERTIES FIXTURES_SETUP installed_package)
set_tests_properties(examples.examples examples.errors examples.subdirectory PROPERTIES
  FIXTURES_REQUIRED installed_package)
set_tests_properties(examples.examples PROPERTIES PROCESSORS 2)
