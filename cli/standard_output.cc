#include "cli/standard_output.h"

#include <cerrno>
#include <exception>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "cli/exit_status.h"

namespace jitrig {
namespace {

/// Somebody else, a shell's other process for instance, may have made the descriptor non-blocking.
void waitUntilWritable() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  poll(&output, 1, -1);
}

}  // namespace

/// An action that ended in an exception still shows what it had found.
StandardOutput::~StandardOutput() {
  try {
    flush();
  } catch (const CommandError&) {  // NOLINT(bugprone-empty-catch): the exception under way says more
  }
}

bool StandardOutput::flush() {
  std::string_view rest = text_;
  while (!rest.empty() && !closed_) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno == EAGAIN) {
      waitUntilWritable();
    } else if (errno != EINTR) {
      const std::string reason = std::generic_category().message(errno);
      text_.clear();
      throw CommandError(ExitStatus::foundSomething, "cannot write to the standard output: " + reason);
    }
  }
  text_.clear();
  return !closed_;
}

}  // namespace jitrig
