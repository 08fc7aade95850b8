# Every target of ours is compiled with jitrig_flags; nothing else is.
set(JITRIG_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined', 'thread' or empty")
option(JITRIG_COVERAGE "Build for clang's source-based coverage" OFF)
# A compiler that we do not know may warn of more; that must not break another project's build.
option(JITRIG_WARNINGS_ARE_ERRORS "Build with -Werror" ${PROJECT_IS_TOP_LEVEL})

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
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
  $<$<BOOL:${JITRIG_WARNINGS_ARE_ERRORS}>:-Werror>
  # What one file of a unity build names is no shadow in another's. Other presets have this warning.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
  # Nor has g++ a file of its own there, to whose unnamed namespace a type may belong.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  # A fiber's stack ends in a guard; a large frame must not step over it.
  -fstack-clash-protection
  # g++ 12 warns of overlap inside std::string's own operator+ (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

# Also a requirement of the installed libraries, see JitrigRoom.cmake.
set(JITRIG_INSTRUMENTATION "")
set(JITRIG_LINK_INSTRUMENTATION "")
if(JITRIG_SANITIZE)
  list(APPEND JITRIG_INSTRUMENTATION
    "-fsanitize=${JITRIG_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  list(APPEND JITRIG_LINK_INSTRUMENTATION "-fsanitize=${JITRIG_SANITIZE}")
endif()
if(JITRIG_COVERAGE)
  list(APPEND JITRIG_INSTRUMENTATION -fprofile-instr-generate -fcoverage-mapping)
  list(APPEND JITRIG_LINK_INSTRUMENTATION -fprofile-instr-generate)
endif()
target_compile_options(jitrig_flags INTERFACE ${JITRIG_INSTRUMENTATION})
target_link_options(jitrig_flags INTERFACE ${JITRIG_LINK_INSTRUMENTATION})
