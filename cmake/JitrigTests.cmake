# How GoogleTest's tests become ctest's.
set(JITRIG_CTEST_UNIT test CACHE STRING
  "What is a test for ctest: 'test', each TEST(); 'suite', all of a suite in one process, for builds whose programs \
take long to start")

# jitrig_register_tests(<executable> <room>): as <room>.<suite>.<test>, or <room>.<suite>, with the label <room>.
function(jitrig_register_tests target room)
  if(JITRIG_CTEST_UNIT STREQUAL "test")
    gtest_discover_tests(${target} TEST_PREFIX "${room}." DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS ${room} TIMEOUT ${JITRIG_TEST_TIMEOUT_S})
    return()
  endif()
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}_suites.cmake")
  math(EXPR timeout_s "${JITRIG_TEST_TIMEOUT_S} * 5")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -D "PROGRAM=$<TARGET_FILE:${target}>" -D "ROOM=${room}" -D "LIST=${list}"
            -D "TIMEOUT_S=${timeout_s}" -P "${PROJECT_SOURCE_DIR}/cmake/DiscoverSuites.cmake"
    BYPRODUCTS "${list}" VERBATIM)
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake"
    "if(EXISTS \"${list}\")\n  include(\"${list}\")\nelse()\n  add_test(${room}.not_built not_built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
endfunction()
