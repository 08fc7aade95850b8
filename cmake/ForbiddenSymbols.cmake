# What stands above the Runtime must wait, tell the time, draw random numbers and reach the network through it
# only. cmake/forbidden_symbols.py looks at the symbols of the finished libraries.

# jitrig_forbidden_symbols(<static library>): the test forbidden_symbols.<static library>.
# jitrig_room() calls it for each room with a library, unless that says NO_FORBIDDEN_CHECK.
function(jitrig_forbidden_symbols target)
  add_test(NAME forbidden_symbols.${target}
    COMMAND "${JITRIG_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/forbidden_symbols.py"
            "${CMAKE_READELF}" "$<TARGET_FILE:${target}>")
  set_tests_properties(forbidden_symbols.${target} PROPERTIES
    LABELS layers ENVIRONMENT PYTHONDONTWRITEBYTECODE=1 TIMEOUT ${JITRIG_TEST_TIMEOUT_S})
endfunction()

# The check itself is tested on two objects compiled as everything else is.
foreach(kind planted harmless)
  add_library(jitrig_forbidden_symbols_${kind} OBJECT "${PROJECT_SOURCE_DIR}/cmake/forbidden_symbols/${kind}.cc")
  target_link_libraries(jitrig_forbidden_symbols_${kind} PRIVATE jitrig_flags)
endforeach()
# g++ 12 warns of its own std::regex under AddressSanitizer.
target_compile_options(jitrig_forbidden_symbols_planted PRIVATE -w)
add_test(NAME forbidden_symbols.self_test
  COMMAND "${JITRIG_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/forbidden_symbols_test.py" "${CMAKE_READELF}"
          "$<TARGET_OBJECTS:jitrig_forbidden_symbols_planted>" "$<TARGET_OBJECTS:jitrig_forbidden_symbols_harmless>")
set_tests_properties(forbidden_symbols.self_test PROPERTIES
  LABELS layers ENVIRONMENT PYTHONDONTWRITEBYTECODE=1 TIMEOUT ${JITRIG_TEST_TIMEOUT_S})
