#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// A connection that the client could have used for another compilation when it closed it.
bool wasUsable(const Judgement& judgement, const EndHistory& history, const Dialect& dialect) {
  const RecordedEnd& end = judgement.end(history.end);
  if (end.read.error || end.written.error || history.out_of_step || history.exchanges.empty()) return false;
  const Exchange& last = history.exchanges.back();
  if (!last.final_message) return false;
  const RecordedFrame& final_message = end.read.frames[*last.final_message];
  if (dialect.typeName(final_message.type) == "AOTCache_failure") return false;
  const auto report = judgement.reportOf({.end = history.end, .exchange = history.exchanges.size() - 1});
  if (!report) return false;
  // A status that only the server's refusals have closes the connection.
  const auto& told = judgement.record().vms[end.persona].reports[*report].report;
  return told.result == CompilationResult::compiled ||
         (told.result == CompilationResult::failed && told.status != dialect.status_version_incompatible &&
          told.status != dialect.status_message_type_mismatch);
}

bool endedByItself(const VMRecord& vm) {
  return vm.says_goodbyes && !vm.misbehaves() && vm.summary && !vm.stopped && !vm.killed && !vm.may_give_up;
}

/// The connection on which the VM said that its session may go: nothing else is said there.
bool saysSessionGoodbye(const Judgement& judgement, const EndHistory& history, const Dialect& dialect) {
  const RecordedEnd& end = judgement.end(history.end);
  return history.goodbye && end.written.frames.size() == 1 &&
         end.written.frames[0].type == dialect.client_session_terminate;
}

void checkVM(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  const Dialect& dialect = *vm.dialect;
  // Where the last connection could not be had, a real client says nothing on those that it still has.
  const bool knows_none = vm.livesAsReal() && !vm.summary->last_connect_error.empty();
  std::size_t session_goodbyes = 0;
  std::size_t connections = 0;
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::client || end.persona != index) continue;
    ++connections;
    if (saysSessionGoodbye(judgement, history, dialect)) {
      ++session_goodbyes;
      const auto client_uid = firstUInt64(end.written, end.written.frames[0]);
      if (client_uid && *client_uid != vm.client_uid) {
        judgement.find(fmt::format("{}: said goodbye for the session of {:016x}, expected {:016x}",
                                   judgement.textOf(history.end), *client_uid, vm.client_uid),
                       {{.end = history.end}});
      }
    } else if (!history.goodbye && !knows_none && wasUsable(judgement, history, dialect)) {
      judgement.find(fmt::format("{}: closed without connectionTerminate", judgement.textOf(history.end)),
                     {{.end = history.end}});
    }
  }
  // A VM whose server is gone, or cannot be reached, has nobody to say it to.
  const bool reachable = judgement.disturbances().vm(index).first() == Touched::kUntouched &&
                         vm.summary->last_connect_error.empty();
  const bool expected = connections != 0 && reachable;
  if (session_goodbyes > 1 || (session_goodbyes == 0 && expected)) {
    judgement.find(
        fmt::format("{} said goodbye for its session {} times, expected once", vm.name, session_goodbyes),
        {{.vm = index}});
  }
}

/// Behind a goodbye nothing comes: a server that reads on keeps what it should close.
void checkServerEnd(Judgement& judgement, const EndHistory& history) {
  const RecordedEnd& end = judgement.end(history.end);
  if (!history.goodbye || !end.read.error) return;
  const std::uint64_t said = end.read.frames[*history.goodbye].order;
  if (end.read.error->order < said) return;
  judgement.find(
      fmt::format("{}: the server read on behind the client's goodbye", judgement.textOf(history.end)),
      {{.end = history.end, .order = end.read.error->order}});
}

void check(Judgement& judgement) {
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local == Direction::server && judgement.isJudged(judgement.end(history.end))) {
      checkServerEnd(judgement, history);
    }
  }
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    if (record.vms[i].dialect && endedByItself(record.vms[i])) checkVM(judgement, i);
  }
}

}  // namespace

const Checker kGoodbyes{"goodbyes",
                        "A VM that ends says so on each connection that it could still use, and once for its "
                        "session; a server closes behind it.",
                        check};

}  // namespace jitrig
