#include "scenarios/system/external_program.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <future>
#include <mutex>
#include <poll.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "protocol/runtime/os/waker.h"
#include "scenarios/system/child_process.h"
#include "scenarios/system/kept_output.h"
#include "scenarios/system/listening_ports.h"

namespace jitrig {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// How often the table of listening ports is looked at.
constexpr milliseconds kLookInterval{5};
/// How long what is left of a killed group may keep the output open: a process that left the group does.
constexpr milliseconds kLastOutput{1'000};

Clock::time_point deadlineAfter(milliseconds limit) {
  constexpr milliseconds kLongest{1'000'000'000};
  return Clock::now() + std::min(limit, kLongest);
}

/// JITRIG_HOST=127.0.0.1 for "host".
std::vector<std::string> environmentOf(const std::map<std::string, std::string>& values) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : values) {
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    environment.push_back(fmt::format("JITRIG_{}={}", upper, value));
  }
  return environment;
}

/// A thread of its own starts the program, takes its output and sees its end. The program dies with that
/// thread, that is, with this process at the latest.
class WatchedProgram final : public ExternalProgram {
 public:
  explicit WatchedProgram(ExternalProgramOptions options)
      : options_(std::move(options)), output_(options_.max_output_bytes) {}

  ~WatchedProgram() override { finish(); }

  /// Throws std::system_error.
  void begin() {
    std::promise<void> started;
    watcher_ = std::thread([this, &started] { watch(started); });
    try {
      started.get_future().get();
    } catch (...) {
      watcher_.join();
      throw;
    }
  }

  std::expected<Endpoint, std::string> waitListening(const Endpoint& asked, milliseconds limit) override {
    const auto deadline = deadlineAfter(limit);
    std::unique_lock lock(mutex_);
    while (true) {
      if (output_.firstLine()) {
        if (const auto said = listeningEndpoint(*output_.firstLine())) return *said;
      }
      if (end_) return std::unexpected(notListening(lock, asked, "ended with " + toString(*end_)));
      lock.unlock();
      const bool listens = isListening(asked.port);
      lock.lock();
      if (listens) return asked;
      if (Clock::now() >= deadline) {
        return std::unexpected(notListening(lock, asked, fmt::format("did not within {} ms", limit.count())));
      }
      changed_.wait_for(lock, kLookInterval);
    }
  }

  std::optional<ProgramEnd> waitEnd(milliseconds limit) override {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, deadlineAfter(limit), [&] { return end_.has_value(); }))
        return std::nullopt;
    }
    finish();
    return end_;
  }

  ProgramEnd terminate(milliseconds grace) override {
    signal(SIGTERM);
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, deadlineAfter(grace), [&] { return end_.has_value(); });
    }
    finish();
    return *end_;
  }

  /// The group exists as long as its leader is not waited for, which finish() alone does.
  void signal(int number) override {
    const std::lock_guard lock(finish_mutex_);
    if (!finished_) kill(-child_.process, number);
  }

  std::string output() const override {
    const std::lock_guard lock(mutex_);
    return output_.text();
  }

 private:
  /// Kills what is left, lets the watcher take the rest of the output, and buries the program.
  void finish() {
    const std::lock_guard lock(finish_mutex_);
    if (finished_ || !watcher_.joinable()) return;
    kill(-child_.process, SIGKILL);
    finishing_.wake();
    watcher_.join();
    int status = 0;
    while (waitpid(child_.process, &status, 0) < 0 && errno == EINTR) continue;
    finished_ = true;
  }

  void watch(std::promise<void>& started) {
    try {
      child_ =
          startShell(replacePlaceholders(options_.command, options_.values), environmentOf(options_.values));
    } catch (const std::system_error&) {
      started.set_exception(std::current_exception());
      return;
    }
    started.set_value();
    takeOutputUntilEnd();
  }

  void takeOutputUntilEnd() {
    std::array<pollfd, 4> polled{{{child_.out.number(), POLLIN, 0},
                                  {child_.error_text.number(), POLLIN, 0},
                                  {child_.ended.number(), POLLIN, 0},
                                  {finishing_.descriptor(), POLLIN, 0}}};
    std::optional<Clock::time_point> last_output;
    const auto open = [&](std::size_t index) { return polled[index].fd >= 0; };
    // A negative descriptor is skipped by poll().
    while (open(0) || open(1) || open(2)) {
      const auto left = last_output ? std::max(milliseconds(0),
                                               std::chrono::ceil<milliseconds>(*last_output - Clock::now()))
                                    : milliseconds(-1);
      const int ready = poll(polled.data(), polled.size(), static_cast<int>(left.count()));
      if (ready == 0) {  // the group is dead, and somebody outside of it holds the output
        if (!open(2)) return;
        last_output = Clock::now() + kLastOutput;  // never before its end is known
        continue;
      }
      if (ready < 0) continue;  // EINTR
      for (const std::size_t index : {0U, 1U}) {
        if (polled[index].revents != 0 && !takeSome(polled[index].fd, index == 0)) polled[index].fd = -1;
      }
      if (polled[2].revents != 0) {
        takeEnd();
        polled[2].fd = -1;
      }
      if (polled[3].revents != 0) {
        polled[3].fd = -1;
        last_output = Clock::now() + kLastOutput;
      }
    }
  }

  /// False at the end of the output.
  bool takeSome(int descriptor, bool standard_output) {
    std::array<char, 4'096> buffer{};
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR;
    if (count == 0) return false;
    const std::lock_guard lock(mutex_);
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    standard_output ? output_.addOutput(bytes) : output_.addErrorText(bytes);
    changed_.notify_all();
    return true;
  }

  void takeEnd() {
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(child_.process), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
      continue;
    const std::lock_guard lock(mutex_);
    end_ = ProgramEnd{.by_signal = info.si_code != CLD_EXITED, .number = info.si_status};
    changed_.notify_all();
  }

  std::string notListening(std::unique_lock<std::mutex>& lock, const Endpoint& asked,
                           const std::string& why) {
    std::string text =
        fmt::format("{}: expected to listen on {} (or a first line 'listening on HOST:PORT'), but it {}",
                    options_.name, toString(asked), why);
    if (end_) {
      lock.unlock();
      finish();  // what it wrote last says why
      lock.lock();
    }
    const std::string written = output_.text();
    return text + (written.empty() ? "; it wrote nothing" : "; it wrote:\n" + written);
  }

  const ExternalProgramOptions options_;
  ChildProcess child_;
  Waker finishing_;
  std::mutex finish_mutex_;
  bool finished_ = false;  ///< guarded by finish_mutex_
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  KeptOutput output_;              ///< guarded by mutex_
  std::optional<ProgramEnd> end_;  ///< guarded by mutex_
  std::thread watcher_;
};

}  // namespace

std::expected<std::unique_ptr<ExternalProgram>, std::string> ExternalProgram::start(
    ExternalProgramOptions options) {
  const std::string name = options.name;
  try {
    auto program = std::make_unique<WatchedProgram>(std::move(options));
    program->begin();
    return program;
  } catch (const std::system_error& error) {
    return std::unexpected(fmt::format("{}: cannot be started: {}", name, error.what()));
  }
}

std::string toString(const ProgramEnd& end) {
  if (!end.by_signal) return fmt::format("exit status {}", end.number);
  const char* const description = sigdescr_np(end.number);
  return fmt::format("signal {} ({})", end.number, description == nullptr ? "unknown" : description);
}

std::string replacePlaceholders(const std::string& text, const std::map<std::string, std::string>& values) {
  std::string result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t open = text.find('{', begin);
    const std::size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) break;
    const auto value = values.find(text.substr(open + 1, close - open - 1));
    result += text.substr(begin, open - begin);
    if (value == values.end()) {
      result += '{';
      begin = open + 1;
    } else {
      result += value->second;
      begin = close + 1;
    }
  }
  return result + text.substr(std::min(begin, text.size()));
}

}  // namespace jitrig
