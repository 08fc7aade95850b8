#include "fakecompiler/log_lines.h"

#include <fmt/format.h>
#include <utility>

namespace jitrig {
namespace {

using Kind = RequestOrderEvent::Kind;
using Outcome = RequestOrderEvent::Outcome;

/// The lines of one event, each with what all of them begin with.
class Lines {
 public:
  explicit Lines(const RequestOrderEvent& event) : event_(event) {}

  template <class... T>
  void add(fmt::format_string<T...> format, T&&... arguments) {
    lines_.push_back(fmt::format("#JITServer: compThreadID={} {}", event_.thread,
                                 fmt::format(format, std::forward<T>(arguments)...)));
  }
  std::vector<std::string> take() { return std::move(lines_); }

  void arrived() {
    const RequestNumbers& numbers = event_.numbers;
    add("{} clientSessionData={:#x} for clientUID={} seqNo={} (isCritical={:d}) (criticalSeqNo={} "
        "lastProcessedCriticalReq={})",
        event_.created_session ? "created" : "found", event_.session, numbers.client_uid,
        numbers.sequence_number, numbers.critical, numbers.critical_number, event_.last_processed);
    if (event_.outcome == Outcome::late) late();
    if (event_.outcome != Outcome::parks) return;
    add("out-of-sequence msg={} detected for clientUID={} criticalSeqNo={} > lastCriticalSeqNo={}. Parking "
        "this thread (entry={:#x})",
        numbers.sequence_number, numbers.client_uid, numbers.critical_number, event_.last_processed,
        event_.request);
    timedWait();
  }

  void timedOut() {
    const RequestNumbers& numbers = event_.numbers;
    add("(entry={:#x}) timed-out while waiting for seqNo={} ", event_.request, numbers.critical_number);
    if (event_.outcome == Outcome::clears) {
      return add("has cleared the session caches for clientUID={} criticalSeqNo={} seqNo={} firstEntry={:#x}",
                 numbers.client_uid, numbers.critical_number, numbers.sequence_number, event_.request);
    }
    add("which previously timed-out will go to sleep again. Possible reasons numActiveThreads={} "
        "waitToBeNotified={:d}",
        event_.active, event_.told_to_wait);
    timedWait();
  }

  /// Who cleared the caches goes on without a word.
  void released() {
    if (event_.by_itself) return;
    add("(entry={:#x}) is parked. seqNo={} was notified", event_.request, event_.numbers.sequence_number);
    if (event_.outcome == Outcome::late) late();
  }

  void redefined() {
    add("clearing all caches for clientUID={} due to class redefinition using HCR extensions",
        event_.numbers.client_uid);
  }

  /// Before its updates were done, whyever.
  void earlyAbort() {
    add("did an early abort for clientUID={} seqNo={}", event_.numbers.client_uid,
        event_.numbers.sequence_number);
  }

 private:
  void timedWait() {
    add("(entry={:#x}) doing a timed wait for 1000 ms (waiting for seqNo={})", event_.request,
        event_.numbers.critical_number);
  }

  void late() {
    const RequestNumbers& numbers = event_.numbers;
    add("discarding older msg for clientUID={} seqNo={} criticalSeqNo={} < lastProcessedCriticalSeqNo={}",
        numbers.client_uid, numbers.sequence_number, numbers.critical_number, event_.last_processed);
    earlyAbort();
  }

  const RequestOrderEvent& event_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> logLines(const RequestOrderEvent& event) {
  Lines lines(event);
  switch (event.kind) {
    case Kind::arrived: lines.arrived(); break;
    case Kind::timedOut: lines.timedOut(); break;
    case Kind::released: lines.released(); break;
    case Kind::redefined: lines.redefined(); break;
    case Kind::skipped: lines.earlyAbort(); break;
    case Kind::published:
    case Kind::left:
    case Kind::abandoned: break;
  }
  return lines.take();
}

}  // namespace jitrig
