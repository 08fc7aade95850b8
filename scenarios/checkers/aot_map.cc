#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// A map that a VM was told, beside what the server that told it had stored by then.
class MapCheck {
 public:
  MapCheck(Judgement& judgement, const Told<AOTMapReport>& told, const RecordedEnd& end)
      : judgement_(judgement),
        map_(told.report),
        client_end_(*told.end),
        server_(end.persona),
        asked_(end.read.frames.front().order),
        answered_(end.written.frames.back().order) {}

  void check() {
    for (const std::string& signature : map_.signatures) {
      if (!mayHave(signature)) find(fmt::format("has {}, which nobody had stored", signature));
    }
    for (const auto& told : server().reports) {
      const AOTServing* stored = storedBy(told);
      if (stored == nullptr || told.when.order >= asked_) continue;
      if (std::ranges::find(map_.signatures, stored->signature) == map_.signatures.end())
        find(fmt::format("does not have {}, which had been stored", stored->signature));
    }
  }

 private:
  const ServerRecord& server() const { return judgement_.record().servers[server_]; }

  /// In the cache that was asked for.
  const AOTServing* storedBy(const Told<ServerCompilationReport>& told) const {
    const AOTServing* serving = told.report.aot.get();
    const bool stored = serving != nullptr && serving->outcome == AOTServing::Outcome::stored;
    return stored && serving->cache == map_.cache ? serving : nullptr;
  }

  /// By somebody whose request was there before the answer was; or it is of a file.
  bool mayHave(const std::string& signature) const {
    if (server().keeps_aot_cache) return true;
    const auto& reports = server().reports;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const AOTServing* stored = storedBy(reports[i]);
      if (stored == nullptr || stored->signature != signature) continue;
      const auto exchange = judgement_.exchangeOf(server_, i);
      if (!exchange) return true;  // nobody knows when
      const RecordedEnd& end = judgement_.end(exchange->end);
      if (end.read.frames[judgement_.exchange(*exchange).request].order < answered_) return true;
    }
    return false;
  }

  void find(const std::string& what) {
    judgement_.find(fmt::format("{}: the map of AOT cache '{}' of {} {}", judgement_.textOf(client_end_),
                                map_.cache, server().name, what),
                    {{.end = client_end_, .order = answered_}});
  }

  Judgement& judgement_;
  const AOTMapReport& map_;
  EndReference client_end_;
  std::size_t server_;
  std::uint64_t asked_;     ///< order in which the server read the request,
  std::uint64_t answered_;  ///< and wrote the answer
};

/// The server's end of the connection; null where it cannot be judged.
const RecordedEnd* answererOf(const Judgement& judgement, const Told<AOTMapReport>& told) {
  if (!told.end || judgement.disturbances().peerMisbehaves(*told.end)) return nullptr;
  const auto& touched = judgement.disturbances().connection(told.end->connection);
  const RecordedEnd* end = judgement.peer(*told.end);
  if (end == nullptr || touched.alters_ns != Touched::kUntouched) return nullptr;
  const ServerRecord& server = judgement.record().servers[end->persona];
  // A recorded map is none of the cache's.
  const bool plays_recording = std::ranges::any_of(server.script, &ScriptOutline::for_one_request);
  const bool whole = !end->read.frames.empty() && !end->written.frames.empty();
  return whole && !plays_recording ? end : nullptr;
}

void check(Judgement& judgement) {
  for (const VMRecord& vm : judgement.record().vms) {
    if (vm.misbehaves()) continue;
    for (const auto& told : vm.aot_maps) {
      if (const RecordedEnd* end = answererOf(judgement, told)) MapCheck(judgement, told, *end).check();
    }
  }
}

}  // namespace

const Checker kAOTMap{
    "aot_map",
    "The map of an AOT cache has what was stored in it before it was asked for, and nothing "
    "that was not stored.",
    check};

}  // namespace jitrig
