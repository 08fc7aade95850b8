# Every target of ours is compiled with jitrig_flags; nothing else is.
set(JITRIG_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined', 'thread' or empty")
option(JITRIG_COVERAGE "Build for clang's source-based coverage" OFF)

add_library(jitrig_flags INTERFACE)
target_include_directories(jitrig_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(jitrig_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)

if(JITRIG_SANITIZE)
  target_compile_options(jitrig_flags INTERFACE
    "-fsanitize=${JITRIG_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(jitrig_flags INTERFACE "-fsanitize=${JITRIG_SANITIZE}")
endif()

if(JITRIG_COVERAGE)
  target_compile_options(jitrig_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(jitrig_flags INTERFACE -fprofile-instr-generate)
endif()
