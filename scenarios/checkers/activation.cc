#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

using Policy = ActivationPolicy;

/// The rules of semantics.md, section 6, once more, without what the VM uses.
Policy expectedAfter(Policy policy, const CompilationReport& report) {
  if (report.stream_loss) return Policy::aggressive;
  const auto& [memory, threads] = report.server_states;
  if (!memory && !threads) return policy;
  if (memory == ServerMemoryState::veryLow || threads == ServerActiveThreadsState::veryHigh)
    return Policy::suspend;
  if (memory == ServerMemoryState::low || threads == ServerActiveThreadsState::high) return Policy::maintain;
  return policy == Policy::aggressive ? Policy::aggressive : Policy::subdue;
}

/// What the threads of a VM did, and what the server had said by then.
class Threads {
 public:
  Threads(Judgement& judgement, std::size_t index)
      : judgement_(judgement), index_(index), vm_(judgement.record().vms[index]) {}

  /// A method, not a later attempt, began in that thread.
  void began(const CompilationReport& report) {
    if (!active_.contains(report.thread))
      find(fmt::format("compilation {} begins in thread {}, which is suspended", report.number,
                       report.thread));
    // The method that a thread had taken when the policy changed is none too many.
    if (policy_ != Policy::suspend || active_.size() == 1 || begun_in_vain_.insert(report.thread).second)
      return;
    find(fmt::format("thread {} begins compilation {}, though all of {} threads but one are to be suspended",
                     report.thread, report.number, active_.size()));
  }

  void ended(const CompilationReport& report) {
    const Policy expected = expectedAfter(policy_, report);
    if (report.policy != expected)
      find(fmt::format("after compilation {} the policy is {}, expected {}", report.number,
                       toString(report.policy), toString(expected)));
    if (std::exchange(policy_, report.policy) != policy_) begun_in_vain_.clear();
  }

  void happened(const ActivationEvent& event) {
    if (event.policy != policy_)
      find(fmt::format("'{}' when the policy is {}", toString(event), toString(policy_)));
    if (event.kind == ActivationEvent::Kind::activated) activated(event);
    if (event.kind == ActivationEvent::Kind::suspended) suspended(event);
    if (event.active != active_.size())
      find(fmt::format("'{}', expected {} active", toString(event), active_.size()));
  }

 private:
  void activated(const ActivationEvent& event) {
    const bool allowed = policy_ == Policy::aggressive || policy_ == Policy::subdue || active_.empty();
    if (!allowed) find(fmt::format("'{}' though the policy is {}", toString(event), toString(policy_)));
    active_.insert(event.thread);
    if (active_.size() > vm_.compilation_threads)
      find(fmt::format("'{}', but it may have {}", toString(event), vm_.compilation_threads));
  }

  void suspended(const ActivationEvent& event) {
    if (policy_ != Policy::suspend)
      find(fmt::format("'{}' though the policy is {}", toString(event), toString(policy_)));
    active_.erase(event.thread);
    if (active_.empty()) find(fmt::format("'{}': nobody is left", toString(event)));
  }

  void find(const std::string& what) {
    judgement_.find(fmt::format("{}: {}", vm_.name, what), {{.vm = index_}});
  }

  Judgement& judgement_;
  std::size_t index_;
  const VMRecord& vm_;
  Policy policy_ = Policy::aggressive;
  std::set<std::size_t> active_;
  std::set<std::size_t> begun_in_vain_;  ///< threads, since all but one are to be suspended
};

struct Step {
  const CompilationReport* began = nullptr;
  const CompilationReport* ended = nullptr;
  const ActivationEvent* event = nullptr;
};

void checkVM(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  std::map<std::uint64_t, Step> steps;
  for (const auto& told : vm.reports) {
    if (told.report.attempt == 1) steps[told.report.began.step].began = &told.report;
    steps[told.report.ended.step].ended = &told.report;
  }
  for (const auto& told : vm.activations) steps[told.report.moment.step].event = &told.report;
  Threads threads(judgement, index);
  for (const auto& [number, step] : steps) {
    if (step.began != nullptr) threads.began(*step.began);
    if (step.ended != nullptr) threads.ended(*step.ended);
    if (step.event != nullptr) threads.happened(*step.event);
  }
}

void check(Judgement& judgement) {
  for (std::size_t i = 0; i < judgement.record().vms.size(); ++i) {
    const VMRecord& vm = judgement.record().vms[i];
    if (!vm.misbehaves() && vm.livesAsReal()) checkVM(judgement, i);
  }
}

}  // namespace

const Checker kActivation{"activation",
                          "A VM that lives as the real client activates and suspends threads as its server's "
                          "states demand.",
                          check, false};

}  // namespace jitrig
