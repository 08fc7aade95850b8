# Run after a test program was linked: asks it for its suites and writes ctest's commands for them into LIST.
# cmake -D PROGRAM=<program> -D ROOM=<room> -D LIST=<file> -D TIMEOUT_S=<seconds> -P DiscoverSuites.cmake
execute_process(COMMAND "${PROGRAM}" --gtest_list_tests
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result TIMEOUT 60)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests: ${result}\n${output}\n${errors}")
endif()

# Suites stand at the begin of a line: "Framer.", "Seeds/SweepTest.", "Typed/3.  # TypeParam = int".
string(REPLACE ";" "," output "${output}")
string(REPLACE "\n" ";" lines "${output}")
set(commands "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([A-Za-z0-9_/]+)\\.( +#.*)?$")
    continue()
  endif()
  set(suite "${CMAKE_MATCH_1}")
  set(name "${ROOM}.${suite}")
  string(APPEND commands
    "add_test([==[${name}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==])\n"
    "set_tests_properties([==[${name}]==] PROPERTIES LABELS [==[${ROOM}]==] TIMEOUT ${TIMEOUT_S})\n")
endforeach()
if(commands STREQUAL "")
  message(FATAL_ERROR "${PROGRAM} has no tests")
endif()
file(WRITE "${LIST}" "${commands}")
