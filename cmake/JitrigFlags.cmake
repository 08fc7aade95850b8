# Every target of ours is compiled with jitrig_flags; nothing else is.
set(JITRIG_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined', 'thread' or empty")
option(JITRIG_COVERAGE "Build for clang's source-based coverage" OFF)

# ccache where it is installed, unless another launcher was asked for.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(JITRIG_CCACHE ccache)
  if(JITRIG_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${JITRIG_CCACHE}")
  endif()
endif()

add_library(jitrig_flags INTERFACE)
target_include_directories(jitrig_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(jitrig_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Werror
  # A fiber's stack ends in a guard; a large frame must not step over it.
  -fstack-clash-protection
  # g++ 12 warns of overlap inside std::string's own operator+ (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

if(JITRIG_SANITIZE)
  target_compile_options(jitrig_flags INTERFACE
    "-fsanitize=${JITRIG_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(jitrig_flags INTERFACE "-fsanitize=${JITRIG_SANITIZE}")
endif()

if(JITRIG_COVERAGE)
  target_compile_options(jitrig_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(jitrig_flags INTERFACE -fprofile-instr-generate)
endif()
