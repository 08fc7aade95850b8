#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// What the clients' requests told of, as they report it.
class Changes {
 public:
  explicit Changes(const RunRecord& record) {
    for (const VMRecord& vm : record.vms) {
      // Two VMs with one UID number their requests alike: neither is known by its numbers.
      if (!vms_.emplace(vm.client_uid, &vm).second) vms_[vm.client_uid] = nullptr;
      for (const auto& told : vm.reports) {
        if (!told.report.changes.empty())
          changes_[{vm.client_uid, told.report.sequence_number}] = told.report.changes;
      }
    }
  }

  /// Null: it told of nothing, plays a recording, or misbehaves.
  const ClassChangeCounts* find(const RequestNumbers& request) const {
    const auto vm = vms_.find(request.client_uid);
    if (vm == vms_.end() || vm->second == nullptr || vm->second->misbehaves()) return nullptr;
    const auto changes = changes_.find({request.client_uid, request.sequence_number});
    return changes == changes_.end() ? nullptr : &changes->second;
  }
  const VMRecord& vmOf(const RequestNumbers& request) const { return *vms_.at(request.client_uid); }

 private:
  std::map<std::uint64_t, const VMRecord*> vms_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, ClassChangeCounts> changes_;
};

std::string text(const ClassChangeCounts& changes) {
  return fmt::format("{} unloaded, {} modified, {} bytes of the class hierarchy", changes.unloaded_classes,
                     changes.modified_classes, changes.class_hierarchy_bytes);
}

/// The oldest releases have no place for some lists.
bool speakAlike(const ServerRecord& server, const VMRecord& vm) {
  return server.dialect && vm.dialect && server.dialect->table->release().name == "head" &&
         vm.dialect->table->release().name == "head";
}

void checkArrival(Judgement& judgement, const ServerRecord& server, std::size_t index,
                  const Told<RequestOrderEvent>& told, const Changes& changes) {
  const RequestOrderEvent& event = told.report;
  const ClassChangeCounts* sent = changes.find(event.numbers);
  if (sent == nullptr || !speakAlike(server, changes.vmOf(event.numbers))) return;
  if (told.end && judgement.disturbances().connection(told.end->connection).altersBy(told.when.time_ns))
    return;
  const ClassChangeCounts& read = event.updates;
  if (read == *sent) return;
  judgement.find(
      fmt::format("{}: client {:016x}, request {}: was told of {}, and the client had {}", server.name,
                  event.numbers.client_uid, event.numbers.sequence_number, text(read), text(*sent)),
      {{.end = told.end, .server = index, .order = told.when.order}});
}

void check(Judgement& judgement) {
  const Changes changes(judgement.record());
  for (std::size_t i = 0; i < judgement.record().servers.size(); ++i) {
    const ServerRecord& server = judgement.record().servers[i];
    if (server.external) continue;
    for (const auto& told : server.order_events) {
      const RequestOrderEvent& event = told.report;
      if (event.kind == RequestOrderEvent::Kind::arrived) checkArrival(judgement, server, i, told, changes);
      if (event.kind != RequestOrderEvent::Kind::published || event.updates_known) continue;
      judgement.find(fmt::format("{}: client {:016x}, request {}: others may rely on its class changes, and "
                                 "the caches do not have them",
                                 server.name, event.numbers.client_uid, event.numbers.sequence_number),
                     {{.server = i, .order = told.when.order}});
    }
  }
}

}  // namespace

const Checker kClassChanges{
    "class_changes",
    "A server is told of exactly the class changes that its client had, and has them in its caches before "
    "others rely on them.",
    check};

}  // namespace jitrig
