#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <utility>

namespace jitrig {

/// What `jitrig` ends with; every verb's --help names them.
enum class ExitStatus : int {
  fine = 0,
  foundSomething = 1,  ///< the run found something, or ended otherwise than asked
  wrongUsage = 2,
  unreadableInput = 3,  ///< at least one line, message or packet could not be read
  unreachable = 4,      ///< the port is taken, or the peer cannot be reached
};

/// Ends a verb at once. main() prints "jitrig <verb>: <what>" and exits with the status.
class CommandError : public std::runtime_error {
 public:
  CommandError(ExitStatus status, const std::string& what) : std::runtime_error(what), status_(status) {}

  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

/// What was found, or the error in a CommandError (foundSomething).
template <class T>
T orFoundSomething(std::expected<T, std::string> found) {
  if (!found) throw CommandError(ExitStatus::foundSomething, found.error());
  return std::move(*found);
}

}  // namespace jitrig
