#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// How a program ended.
struct ProgramEnd {
  bool by_signal = false;
  int number = 0;  ///< of the signal, or the exit status

  friend bool operator==(const ProgramEnd&, const ProgramEnd&) = default;
};

/// "exit status 3", "signal 11 (Segmentation fault)".
std::string toString(const ProgramEnd& end);

/// The exit status of a program that does not implement what it was asked for.
inline constexpr int kExitStatusNotImplemented = 89;
inline constexpr ProgramEnd kNotImplemented{.by_signal = false, .number = kExitStatusNotImplemented};

/// What to run, and what it is told.
struct ExternalProgramOptions {
  std::string name = "program";  ///< in errors: "server program"
  std::string command;           ///< for /bin/sh -c
  /// "host" -> "127.0.0.1" replaces {host} in the command, and stands in the environment as JITRIG_HOST.
  /// Other braces stay as they are.
  std::map<std::string, std::string> values;
  /// Of what it writes to its standard output and error together; of more the end is kept.
  std::size_t max_output_bytes = std::size_t{64} * 1024;
};

/// A program of somebody else's in a process group of its own. Whatever it left behind in that group dies
/// with it, and all of it dies with this process. Its standard input is empty. Thread-safe.
class ExternalProgram {
 public:
  /// The error says why it could not even be started.
  static std::expected<std::unique_ptr<ExternalProgram>, std::string> start(ExternalProgramOptions options);

  ExternalProgram() = default;
  ExternalProgram(const ExternalProgram&) = delete;
  ExternalProgram& operator=(const ExternalProgram&) = delete;
  /// Kills what still runs.
  virtual ~ExternalProgram() = default;

  /// Waits until it listens: on `asked`, which the system's table of listening ports tells without disturbing
  /// it, or where the first line of its standard output says ("listening on HOST:PORT"). The error says that
  /// it ended, or that the time is up, and what it wrote.
  virtual std::expected<Endpoint, std::string> waitListening(const Endpoint& asked,
                                                             std::chrono::milliseconds limit) = 0;

  /// nullopt: it still runs when the time is up. Afterwards all that it wrote is in output().
  virtual std::optional<ProgramEnd> waitEnd(std::chrono::milliseconds limit) = 0;

  /// SIGTERM to its group, and SIGKILL after `grace`; then waits for the end. How it ended, also if it had
  /// before.
  virtual ProgramEnd terminate(std::chrono::milliseconds grace) = 0;

  /// To its group: SIGKILL, SIGSTOP, SIGCONT. Nothing if it has ended.
  virtual void signal(int number) = 0;

  /// What it wrote, as far as it is kept; "… 123 bytes left out" in place of what is not.
  virtual std::string output() const = 0;
};

/// "{port}" becomes the value of "port"; braces around other words stay.
std::string replacePlaceholders(const std::string& text, const std::map<std::string, std::string>& values);

}  // namespace jitrig
