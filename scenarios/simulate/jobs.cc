#include "scenarios/simulate/jobs.h"

#include <algorithm>
#include <fmt/format.h>
#include <list>
#include <map>
#include <memory>
#include <poll.h>
#include <utility>
#include <vector>

#include "scenarios/simulate/worker_process.h"

namespace jitrig {
namespace {

/// Numbers may be done this far ahead of one that takes long: their results are kept until it is done.
constexpr std::uint64_t kMaxAhead = 1'000;

/// The work of one Jobs::run().
class JobsRun {
 public:
  JobsRun(const JobsOptions& options, const Jobs::Work& work, const Jobs::Next& next,
          const Jobs::OnResult& on_result)
      : options_(options), work_(work), next_(next), on_result_(on_result) {}

  void run() {
    while (startWork()) {
      waitForAnswers();
      for (std::size_t i = 0; i < workers_.size();) {
        if (takeFrom(*workers_[i])) {
          ++i;
        } else {
          workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
    }
  }

 private:
  /// Gives numbers to whoever is idle. False: everything is done, or nothing more is wanted.
  bool startWork() {
    while (!no_more_ && given_ - reported_ < kMaxAhead) {
      WorkerProcess* worker = findIdle();
      if (worker == nullptr) break;
      const auto number = next_();
      if (!number) {
        no_more_ = true;
        break;
      }
      order_[*number] = given_++;
      worker->send(*number);  // one that is no more is found by takeFrom()
    }
    return !stopped_ && reported_ < given_;
  }

  WorkerProcess* findIdle() {
    for (const auto& worker : workers_) {
      if (worker->isIdle()) return worker.get();
    }
    if (workers_.size() >= options_.count) return nullptr;
    std::vector<int> others;
    for (const auto& worker : workers_) others.push_back(worker->descriptor());
    workers_.push_back(std::make_unique<WorkerProcess>(work_, others));
    return workers_.back().get();
  }

  void waitForAnswers() {
    std::vector<pollfd> polled;
    auto wake = WorkerProcess::Clock::time_point::max();
    for (const auto& worker : workers_) {
      polled.push_back({.fd = worker->descriptor(), .events = POLLIN, .revents = 0});
      if (!worker->isIdle()) wake = std::min(wake, worker->since() + options_.hang_after);
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(wake - WorkerProcess::Clock::now()).count() + 1;
    ::poll(polled.data(), polled.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000)));
  }

  /// False: the worker is no more.
  bool takeFrom(WorkerProcess& worker) {
    if (worker.isIdle()) return true;
    const std::uint64_t number = worker.number();
    if (auto answer = worker.receive()) {
      keep({.number = number, .answer = std::move(*answer), .without_answer = {}});
      return true;
    }
    if (worker.hasEnded()) {
      keep({.number = number, .answer = std::nullopt, .without_answer = worker.end()});
      return false;
    }
    if (WorkerProcess::Clock::now() - worker.since() < options_.hang_after) return true;
    worker.kill();
    worker.end();
    keep({.number = number,
          .answer = std::nullopt,
          .hung = true,
          .without_answer = fmt::format("gave no answer for {} ms", options_.hang_after.count())});
    return false;
  }

  /// Passes results on in their order.
  void keep(JobResult result) {
    const auto place = order_.find(result.number);
    done_.emplace(place->second, std::move(result));
    order_.erase(place);
    while (!stopped_ && !done_.empty() && done_.begin()->first == reported_) {
      ++reported_;
      if (!on_result_(done_.begin()->second)) stopped_ = true;
      done_.erase(done_.begin());
    }
  }

  const JobsOptions& options_;
  const Jobs::Work& work_;
  const Jobs::Next& next_;
  const Jobs::OnResult& on_result_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::map<std::uint64_t, std::uint64_t> order_;  ///< of each number at work: as how manieth it was given
  std::map<std::uint64_t, JobResult> done_;       ///< by that; those that are waited for by an earlier one
  std::uint64_t given_ = 0;
  std::uint64_t reported_ = 0;
  bool no_more_ = false;
  bool stopped_ = false;
};

}  // namespace

void Jobs::run(const Next& next, const OnResult& on_result) {
  JobsRun(options_, work_, next, on_result).run();
}

}  // namespace jitrig
