# How tests and the command line are compiled: for a short wait rather than for speed. Continuous integration's
# time is the compiler's. All tests share one precompiled header, all libraries another.
set(JITRIG_QUICK_COMPILE_OPTIONS "" CACHE STRING
  "After all others, for tests and the command line only: with -O0 a sanitizer's build of them takes a third")
option(JITRIG_PRECOMPILED_HEADERS
  "Precompile what most files include. Off, a file that forgets an #include does not compile" OFF)

set(JITRIG_STANDARD_HEADERS
  <algorithm> <array> <atomic> <chrono> <cstddef> <cstdint> <expected> <functional> <map> <memory> <optional> <span>
  <string> <string_view> <tuple> <utility> <variant> <vector>)

# jitrig_quick_build(<target> [<header>...]): headers that this target alone precompiles.
function(jitrig_quick_build target)
  target_compile_options(${target} PRIVATE ${JITRIG_QUICK_COMPILE_OPTIONS})
  if(JITRIG_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} PRIVATE ${ARGN} ${JITRIG_STANDARD_HEADERS})
  endif()
endfunction()

# Whoever shares precompiled headers must be compiled alike: a target for them whose flags are those of the others.
function(jitrig_shared_headers target)
  file(WRITE "${PROJECT_BINARY_DIR}/${target}.cc.new" "// Exists for its precompiled headers.\n")
  file(COPY_FILE "${PROJECT_BINARY_DIR}/${target}.cc.new" "${PROJECT_BINARY_DIR}/${target}.cc" ONLY_IF_DIFFERENT)
  add_library(${target} STATIC EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/${target}.cc")
  target_link_libraries(${target} PRIVATE jitrig_flags)
  target_precompile_headers(${target} PRIVATE ${ARGN} ${JITRIG_STANDARD_HEADERS})
endfunction()

if(JITRIG_PRECOMPILED_HEADERS)
  find_package(fmt REQUIRED)
  jitrig_shared_headers(jitrig_room_headers <fmt/format.h>)
  target_link_libraries(jitrig_room_headers PRIVATE fmt::fmt)
endif()

# jitrig_precompile_room(<library>): of one or two files it would only be waited for.
function(jitrig_precompile_room target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  if(JITRIG_PRECOMPILED_HEADERS AND count GREATER 2)
    target_precompile_headers(${target} REUSE_FROM jitrig_room_headers)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:fmt::fmt>)
    # What g++ 12 knows of a system header when it warns is lost in a precompiled one: it then warns of what the
    # standard library does. The presets without precompiled headers have these warnings.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)
  endif()
endfunction()

# jitrig_quick_test(<executable>): for tests with GoogleTest and GoogleMock.
function(jitrig_quick_test target)
  target_compile_options(${target} PRIVATE ${JITRIG_QUICK_COMPILE_OPTIONS})
  # Tests read goldens and captures from the source tree by this path.
  target_compile_definitions(${target} PRIVATE "JITRIG_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  if(NOT JITRIG_PRECOMPILED_HEADERS)
    return()
  endif()
  if(NOT TARGET jitrig_test_headers)
    jitrig_shared_headers(jitrig_test_headers <gmock/gmock.h> <gtest/gtest.h>)
    target_link_libraries(jitrig_test_headers PRIVATE GTest::gmock)
    target_compile_options(jitrig_test_headers PRIVATE ${JITRIG_QUICK_COMPILE_OPTIONS})
    target_compile_definitions(jitrig_test_headers PRIVATE "JITRIG_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  endif()
  target_precompile_headers(${target} REUSE_FROM jitrig_test_headers)
endfunction()
