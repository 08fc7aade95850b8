#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "protocol/runtime/os/descriptor.h"

namespace jitrig {

/// The descriptors that a child process leaves to its parent.
struct ChildProcess {
  pid_t process = -1;     ///< and its process group
  Descriptor ended;       ///< becomes readable when it has ended (pidfd)
  Descriptor out;         ///< its standard output
  Descriptor error_text;  ///< its standard error
};

/// Runs /bin/sh -c `command` in a process group of its own, with an empty standard input, no descriptors but
/// the three, no signal blocked or ignored, and `environment` ("NAME=value") beside this process's own. It
/// gets SIGKILL when the calling *thread* ends. Throws std::system_error.
///
/// The child stays a zombie, so that its number means nobody else, until waitpid() is called for it.
ChildProcess startShell(const std::string& command, const std::vector<std::string>& environment);

}  // namespace jitrig
