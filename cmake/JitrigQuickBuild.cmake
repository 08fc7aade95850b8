# How tests and the command line are compiled: for a short wait rather than for speed. Continuous integration's
# time is the compiler's, and these are most of it: each test includes GoogleMock, each verb CLI11.
set(JITRIG_QUICK_COMPILE_OPTIONS "" CACHE STRING
  "After all others, for tests and the command line only: with -O0 a sanitizer's build of them takes a third")
option(JITRIG_PRECOMPILED_HEADERS
  "Precompile what tests and verbs include most. Off, a file that forgets an #include does not compile" OFF)

# jitrig_quick_build(<target> [<header>...])
function(jitrig_quick_build target)
  target_compile_options(${target} PRIVATE ${JITRIG_QUICK_COMPILE_OPTIONS})
  if(JITRIG_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} PRIVATE ${ARGN}
      <algorithm> <array> <cstdint> <expected> <functional> <map> <memory> <optional> <span> <string> <tuple>
      <variant> <vector>)
  endif()
endfunction()
