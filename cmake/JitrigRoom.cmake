# jitrig_room(<name>
#   SOURCES <file.cc>...          the library jitrig_<name>; without it the room is a header-only (INTERFACE) library
#   USES <target>...              linked publicly: they appear in this room's public headers
#   PRIVATE_USES <target>...      linked privately: only this room's .cc files include them
#   QUICK_HEADERS <header>...     compiled as tests are (JitrigQuickBuild.cmake), with these headers precompiled
#   PACKAGE <component>           installed, as part of that component of the package (cmake/JitrigPackage.cmake)
#   HEADERS <file.h>...           the headers that are installed; without it all of the folder but *_test.h,
#                                 *_test_support.h and
#   TEST_HEADERS <file.h>...      what tests include, whatever it is called
#   TESTS <file_test.cc>...       the executable <name>_test, registered with ctest one test per TEST() as
#                                 <name>.<suite>.<test> with the label <name>; only with JITRIG_BUILD_TESTS
#   TEST_USES <target>...         what only the tests need
#   NO_FORBIDDEN_CHECK)           the library may use the system's threads, clock and network: it is the Runtime
#                                 itself, or stands where there is only the operating system
function(jitrig_room name)
  cmake_parse_arguments(PARSE_ARGV 1 ROOM "NO_FORBIDDEN_CHECK" "PACKAGE"
    "SOURCES;USES;PRIVATE_USES;QUICK_HEADERS;HEADERS;TEST_HEADERS;TESTS;TEST_USES")
  if(ROOM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "jitrig_room(${name}): unknown arguments ${ROOM_UNPARSED_ARGUMENTS}")
  endif()

  if(ROOM_SOURCES)
    add_library(jitrig_${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(jitrig_${name} PUBLIC ${ROOM_USES}
      PRIVATE $<BUILD_INTERFACE:jitrig_flags> ${ROOM_PRIVATE_USES})
    if(ROOM_QUICK_HEADERS)
      jitrig_quick_build(jitrig_${name} ${ROOM_QUICK_HEADERS})
    else()
      jitrig_precompile_room(jitrig_${name})
    endif()
    set(scope PUBLIC)
  else()
    add_library(jitrig_${name} INTERFACE)
    target_link_libraries(jitrig_${name} INTERFACE ${ROOM_USES})
    set(scope INTERFACE)
  endif()
  target_include_directories(jitrig_${name} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/jitrig>")
  target_compile_features(jitrig_${name} ${scope} cxx_std_23)
  # Whoever links with an instrumented library must be instrumented alike. In the build, jitrig_flags sees to it.
  target_compile_options(jitrig_${name} INTERFACE "$<INSTALL_INTERFACE:${JITRIG_INSTRUMENTATION}>")
  target_link_options(jitrig_${name} INTERFACE "$<INSTALL_INTERFACE:${JITRIG_LINK_INSTRUMENTATION}>")

  if(ROOM_PACKAGE)
    jitrig_package_target(jitrig_${name} ${name} ${ROOM_PACKAGE} ${ROOM_USES} ${ROOM_PRIVATE_USES})
    if(NOT ROOM_HEADERS)
      file(GLOB ROOM_HEADERS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS "*.h")
      list(FILTER ROOM_HEADERS EXCLUDE REGEX "_test(_support)?\\.h$")
      list(REMOVE_ITEM ROOM_HEADERS "" ${ROOM_TEST_HEADERS})
    endif()
    jitrig_package_headers(${ROOM_HEADERS})
  endif()

  if(ROOM_SOURCES AND JITRIG_BUILD_TESTS AND NOT ROOM_NO_FORBIDDEN_CHECK)
    jitrig_forbidden_symbols(jitrig_${name})
  endif()

  if(ROOM_TESTS AND JITRIG_BUILD_TESTS)
    add_executable(${name}_test ${ROOM_TESTS})
    target_link_libraries(${name}_test PRIVATE jitrig_flags jitrig_${name} ${ROOM_TEST_USES} GTest::gmock GTest::gtest_main)
    jitrig_quick_test(${name}_test)
    jitrig_register_tests(${name}_test ${name})
  endif()
endfunction()
