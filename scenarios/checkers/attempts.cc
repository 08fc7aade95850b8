#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// The rules of semantics.md, section 5, once more: as plainly as can be, and without what the VM uses. What
/// happened is told in its order.
class ExpectedChoice {
 public:
  explicit ExpectedChoice(const ClientLifeOptions& options) : options_(options), wait_(firstWait()) {}

  /// Why an attempt must not be remote now; "": it must be.
  std::string whyLocal(const CompilationReport& report, bool after_crash) {
    const Instant now = report.began.when;
    if (after_crash) return "the attempt before crashed the server";
    if (options_.suppress_remote) return "remote compilation was switched off";
    if (now < paused_until_) return "the server called the version incompatible " + agoText(refused_, now);
    if (available_ && equal_read_errors_ < 2) return "";
    if (now < retry_time_) return fmt::format("the server was to be left alone until {}", text(retry_time_));
    if (probe_ != 0) return "another attempt was finding out whether the server is back";
    probe_ = report.began.step;
    return "";
  }

  void connected() {
    available_ = true;
    wait_ = firstWait();
  }

  void ended(const CompilationReport& report, const Dialect& dialect) {
    const Instant now = report.ended.when;
    if (report.answered) equal_read_errors_ = 0;
    if (probe_ == report.began.step) probe_ = 0;
    if (report.result == CompilationResult::failed && report.status == dialect.status_version_incompatible) {
      refused_ = now;
      paused_until_ = now + std::chrono::milliseconds(options_.incompatible_pause_ms);
    }
    if (report.stream_loss) lost(*report.stream_loss, now);
  }

 private:
  Duration firstWait() const { return std::chrono::milliseconds(options_.reconnect_wait_ms); }

  void lost(const StreamLoss& loss, Instant now) {
    if (loss.first_read) {
      const auto kind = std::pair(loss.cause, loss.net_error);
      equal_read_errors_ = equal_read_errors_ > 0 && kind == last_read_error_ ? equal_read_errors_ + 1 : 1;
      last_read_error_ = kind;
    }
    if (loss.cause == StreamFailure::Cause::connect) available_ = false;
    if (loss.cause == StreamFailure::Cause::timeout) {
      retry_time_ = now;
      return;
    }
    if (now >= retry_time_) wait_ = 2 * wait_;
    if (options_.max_reconnect_wait_ms)
      wait_ = std::min<Duration>(wait_, std::chrono::milliseconds(*options_.max_reconnect_wait_ms));
    retry_time_ = now + wait_;
  }

  static std::string text(Instant instant) { return fmt::format("{} ms", instant.ns / kNsPerMs); }
  static std::string agoText(Instant instant, Instant now) {
    return fmt::format("{} ms ago", (now - instant).count() / kNsPerMs);
  }

  ClientLifeOptions options_;
  bool available_ = true;
  Duration wait_;
  Instant retry_time_;
  Instant refused_;
  Instant paused_until_;
  std::uint64_t probe_ = 0;  ///< LifeMoment::step of its beginning
  int equal_read_errors_ = 0;
  std::pair<StreamFailure::Cause, NetErrc> last_read_error_;
};

std::string attemptText(const VMRecord& vm, const CompilationReport& report) {
  return fmt::format("{}, compilation {}, attempt {}", vm.name, report.number, report.attempt);
}

/// What an attempt did, in the order in which the VM knew it.
struct Step {
  enum class Kind : std::uint8_t { began, connected, ended };

  Kind kind = Kind::began;
  const CompilationReport* report = nullptr;
};

std::map<std::uint64_t, Step> stepsOf(const VMRecord& vm) {
  std::map<std::uint64_t, Step> steps;
  for (const auto& told : vm.reports) {
    const CompilationReport& report = told.report;
    steps[report.began.step] = {.kind = Step::Kind::began, .report = &report};
    if (report.connected.step != 0)
      steps[report.connected.step] = {.kind = Step::Kind::connected, .report = &report};
    steps[report.ended.step] = {.kind = Step::Kind::ended, .report = &report};
  }
  return steps;
}

/// Attempts of a method follow each other, up to three.
class Methods {
 public:
  /// The attempt before.
  const CompilationReport* begin(const CompilationReport& report) {
    return std::exchange(latest_[report.number], &report);
  }
  /// In a sentence; "": it may.
  static std::string whyNot(const CompilationReport& report, const CompilationReport* before) {
    if (report.attempt > kMaxCompileAttempts)
      return fmt::format("a method has at most {} attempts", kMaxCompileAttempts);
    if (report.attempt != (before == nullptr ? 1 : before->attempt + 1))
      return fmt::format("the one before was {}", before == nullptr ? 0 : before->attempt);
    if (before != nullptr && !before->tried_again) return "the one before was the last";
    return "";
  }

 private:
  std::map<std::uint64_t, const CompilationReport*> latest_;  // by number
};

void checkChoices(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  ExpectedChoice expected(vm.life);
  Methods methods;
  for (const auto& [number, step] : stepsOf(vm)) {
    const CompilationReport& report = *step.report;
    const auto find = [&](const std::string& what) {
      judgement.find(fmt::format("{}: {}", attemptText(vm, report), what), {{.vm = index}});
    };
    if (step.kind == Step::Kind::connected) expected.connected();
    if (step.kind == Step::Kind::ended) expected.ended(report, *vm.dialect);
    if (step.kind != Step::Kind::began) continue;
    const CompilationReport* before = methods.begin(report);
    const std::string why_not = Methods::whyNot(report, before);
    if (!why_not.empty()) find(why_not);
    const std::string why = expected.whyLocal(report, before != nullptr && before->server_crashed);
    const bool local = report.result == CompilationResult::local;
    if (local && why.empty()) find("compiled locally, though nothing spoke against the server");
    if (!local && !why.empty()) find(fmt::format("went to the server, though {}", why));
  }
}

/// A method that ends with its stream has had all its attempts, unless the VM ended.
void checkGivenUp(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  if (vm.stopped || vm.killed || !vm.summary || !vm.summary->fatal.empty()) return;
  for (const auto& told : vm.reports) {
    const CompilationReport& report = told.report;
    if (!report.stream_loss || report.tried_again || report.attempt >= kMaxCompileAttempts) continue;
    judgement.find(fmt::format("{}: was the last, expected {}", attemptText(vm, report), kMaxCompileAttempts),
                   {{.vm = index}});
  }
}

/// Who was never met cannot be lost, and each connection that could not be had is told once.
void checkEvents(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  bool met = false;
  std::size_t failed = 0;
  for (const auto& told : vm.events) {
    const ServerEvent& event = told.report;
    const bool connected = event.kind == ServerEvent::Kind::connected;
    if (!connected) ++failed;
    if (!connected && met != (event.kind == ServerEvent::Kind::lost)) {
      judgement.find(
          fmt::format("{}: '{}', but {} server was known", vm.name, toString(event), met ? "a" : "no"),
          {{.vm = index, .order = told.when.order}});
    }
    met = connected;
  }
  const auto without =
      std::ranges::count_if(vm.reports, [](const auto& told) { return told.report.foundNoConnection(); });
  if (failed == static_cast<std::size_t>(without)) return;
  judgement.find(
      fmt::format("{}: told {} times that no connection could be had, expected {}", vm.name, failed, without),
      {{.vm = index}});
}

void check(Judgement& judgement) {
  for (std::size_t i = 0; i < judgement.record().vms.size(); ++i) {
    const VMRecord& vm = judgement.record().vms[i];
    if (vm.misbehaves() || !vm.livesAsReal()) continue;
    checkChoices(judgement, i);
    checkGivenUp(judgement, i);
    checkEvents(judgement, i);
  }
}

}  // namespace

const Checker kAttempts{"attempts",
                        "A VM that lives as the real client tries a method three times at most, remotely "
                        "unless the server is to be left alone, with one probe per wait.",
                        check};

}  // namespace jitrig
