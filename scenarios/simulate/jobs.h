#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace jitrig {

/// What became of one number.
struct JobResult {
  std::uint64_t number = 0;
  std::optional<std::string> answer;
  bool hung = false;           ///< there is none because it took too long
  std::string without_answer;  ///< "killed by signal 11 (Segmentation fault)"; empty if there is an answer
};

/// How many processes work, and for how long one may be silent.
struct JobsOptions {
  std::size_t count = 1;
  std::chrono::milliseconds hang_after{60'000};  ///< then the process is killed; another takes its place
};

/// Has numbers worked on by child processes, so that one that crashes or hangs costs that number and no
/// other. To be used by a process without threads: the children are forks of it.
class Jobs {
 public:
  /// In a child, one number after the other. What it leaves in memory stays there for the next.
  using Work = std::function<std::string(std::uint64_t number)>;
  /// nullopt: there are no more numbers.
  using Next = std::function<std::optional<std::uint64_t>()>;
  /// False: no further results are wanted.
  using OnResult = std::function<bool(const JobResult&)>;

  Jobs(JobsOptions options, Work work) : options_(options), work_(std::move(work)) {}

  /// Results come in the order in which `next` gave the numbers, however many processes there are. Throws
  /// std::system_error if no process can be made.
  void run(const Next& next, const OnResult& on_result);

 private:
  JobsOptions options_;
  Work work_;
};

}  // namespace jitrig
