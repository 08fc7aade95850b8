#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

using Outcome = AOTServing::Outcome;

/// A compilation that had to do with a server's AOT cache.
struct Served {
  const ServerCompilationReport* report = nullptr;
  const AOTServing* serving = nullptr;
  ExchangeReference exchange;
  std::uint64_t began = 0;  ///< order in which its request was read, and …
  std::uint64_t ended = 0;  ///< … in which its end was reported
};

std::vector<Served> servedBy(const Judgement& judgement, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  std::vector<Served> all;
  for (std::size_t i = 0; i < server.reports.size(); ++i) {
    const ServerCompilationReport& report = server.reports[i].report;
    const auto exchange = judgement.exchangeOf(index, i);
    if (!report.aot || !exchange) continue;
    const RecordedEnd& end = judgement.end(exchange->end);
    all.push_back({.report = &report,
                   .serving = report.aot.get(),
                   .exchange = *exchange,
                   .began = end.read.frames[judgement.exchange(*exchange).request].order,
                   .ended = server.reports[i].when.order});
  }
  return all;
}

/// Several VMs with one UID: their server takes them for one, and cannot be right.
bool isShared(const RunRecord& record, std::uint64_t client_uid) {
  return std::ranges::count(record.vms, client_uid, &VMRecord::client_uid) > 1;
}

bool sameMethod(const AOTServing& left, const AOTServing& right) {
  return !left.method.empty() && left.method == right.method && left.cache == right.cache;
}

class ServerCheck {
 public:
  ServerCheck(Judgement& judgement, std::size_t index)
      : judgement_(judgement),
        server_(judgement.record().servers[index]),
        served_(servedBy(judgement, index)) {}

  void check() {
    for (const Served& each : served_) {
      checkHit(each);
      checkStore(each);
      for (const Served& earlier : served_) {
        if (earlier.ended >= each.began) continue;
        checkAgainst(earlier, each);
      }
    }
  }

 private:
  void find(const Served& served, const std::string& what) {
    judgement_.find(fmt::format("{}: {}", judgement_.textOf(served.exchange), what),
                    {{.end = served.exchange.end, .order = served.ended}});
  }

  /// Somebody must have stored it; perhaps another server that keeps its cache in the same files.
  void checkHit(const Served& served) {
    if (served.serving->outcome != Outcome::hit) return;
    if (!served.serving->load) find(served, "was answered from the AOT cache, which its client did not want");
    const bool stored = std::ranges::any_of(served_, [&](const Served& other) {
      return other.serving->outcome == Outcome::stored && sameMethod(*other.serving, *served.serving);
    });
    if (!stored && !server_.keeps_aot_cache)
      find(served, "was answered from the AOT cache, where nobody had stored it");
  }

  /// A client that has no other use for its method is told at least.
  void checkStore(const Served& served) {
    const AOTServing& serving = *served.serving;
    const auto& final_message = judgement_.exchange(served.exchange).final_message;
    if (!serving.store || !serving.ignores_local || serving.method.empty() || !final_message) return;
    const RecordedEnd& end = judgement_.end(served.exchange.end);
    if (end.written.frames[*final_message].type != server_.dialect->compilation_code) return;
    find(served, "ended with code, although its method was to be stored");
  }

  void checkAgainst(const Served& earlier, const Served& later) {
    const AOTServing& before = *earlier.serving;
    const AOTServing& now = *later.serving;
    if (before.outcome == Outcome::stored && sameMethod(before, now) && now.load &&
        now.outcome != Outcome::hit) {
      find(later, "was not answered from the AOT cache, although its method had been stored");
    }
    const std::uint64_t client_uid = earlier.report->client_uid;
    if (client_uid != later.report->client_uid || isShared(judgement_.record(), client_uid)) return;
    for (const std::uint64_t id : before.newly_known) {
      if (std::ranges::find(now.sent, id) == now.sent.end()) continue;
      return find(later, fmt::format("was sent record {:#x}, which its client had told that it has", id));
    }
  }

  Judgement& judgement_;
  const ServerRecord& server_;
  std::vector<Served> served_;
};

/// The server's report of what a VM's attempt asked.
const ServerCompilationReport* counterpart(const Judgement& judgement, std::size_t vm,
                                           const CompilationReport& report) {
  const auto asked = judgement.exchangeOf(vm, report);
  if (!asked) return nullptr;
  const EndReference server_end{.connection = asked->end.connection, .local = Direction::server};
  const RecordedEnd* end = judgement.record().endOf(server_end);
  if (end == nullptr) return nullptr;
  const auto told = judgement.reportOf({.end = server_end, .exchange = asked->exchange});
  return told ? &judgement.record().servers[end->persona].reports[*told].report : nullptr;
}

class VMCheck {
 public:
  VMCheck(Judgement& judgement, std::size_t index)
      : judgement_(judgement), index_(index), vm_(judgement.record().vms[index]) {}

  void check() {
    for (const auto& told : vm_.reports) {
      const CompilationReport& report = told.report;
      if (!report.aot) continue;
      if (report.aot->result == AOTResult::deserializationFailed) checkRetry(report);
      if (isShared(judgement_.record(), vm_.client_uid) || mayBeMisled(report)) continue;
      const ServerCompilationReport* served = counterpart(judgement_, index_, report);
      if (served != nullptr && served->aot) checkRecords(report, *served->aot);
      if (served != nullptr && served->aot && served->aot->outcome == Outcome::refused &&
          report.aot->result == AOTResult::refused)
        checkBehindRefusal(report, *served->aot);
    }
    if (!wasRefusedForGood()) checkAsksOn();
  }

 private:
  void find(const CompilationReport& report, const std::string& what) {
    judgement_.find(
        fmt::format("{}, compilation {}, attempt {}: {}", vm_.name, report.number, report.attempt, what),
        {{.vm = index_}});
  }

  /// Bytes were altered that it had read before, perhaps those that say which server it is.
  bool mayBeMisled(const CompilationReport& report) const {
    return std::ranges::any_of(judgement_.record().connections, [&](const RecordedConnection& connection) {
      const auto& end = connection.end(Direction::client);
      return end && end->persona == index_ &&
             judgement_.disturbances().connection(connection.index).altersBy(report.ended.when.ns);
    });
  }

  void checkRecords(const CompilationReport& report, const AOTServing& served) {
    for (const auto& [id, server_uid] : report.aot->records) {
      if (server_uid == served.server_uid) continue;
      return find(report,
                  fmt::format("record {:#x} of server {:016x} was used for a method of server {:016x}", id,
                              server_uid, served.server_uid));
    }
  }

  /// Until another server is met, nobody asks again for what this one cannot do, if the refusal came.
  void checkBehindRefusal(const CompilationReport& refused, const AOTServing& refusal) {
    for (const auto& told : vm_.reports) {
      const CompilationReport& later = told.report;
      if (!later.aot || later.began.step <= refused.ended.step) continue;
      const ServerCompilationReport* served = counterpart(judgement_, index_, later);
      if (served == nullptr || !served->aot || served->aot->server_uid != refusal.server_uid) continue;
      if (metAnother(refused, later)) continue;
      const bool asks =
          (refusal.store_unavailable && later.aot->store) || (refusal.cache_unavailable && later.aot->load);
      if (asks) return find(later, "asks the AOT cache for what it has refused");
    }
  }

  bool wasRefusedForGood() const {
    return std::ranges::any_of(vm_.reports, [&](const auto& told) {
      if (!told.report.aot || told.report.aot->result != AOTResult::refused) return false;
      const ServerCompilationReport* served = counterpart(judgement_, index_, told.report);
      return served == nullptr || !served->aot || served->aot->outcome != Outcome::refused ||
             served->aot->cache_unavailable || served->aot->store_unavailable;
    });
  }

  /// That one method cannot be stored says nothing of others.
  void checkAsksOn() {
    bool stores = false;
    for (const auto& told : vm_.reports) {
      if (!told.report.aot) continue;
      if (stores && !told.report.aot->may_store)
        return find(told.report,
                    "stores nothing more, although the AOT cache has refused single methods only");
      stores = stores || told.report.aot->may_store;
    }
  }

  bool metAnother(const CompilationReport& before, const CompilationReport& later) const {
    return std::ranges::any_of(vm_.events, [&](const auto& event) {
      return event.report.kind == ServerEvent::Kind::connected && event.report.when >= before.ended.when &&
             event.report.when <= later.began.when;
    });
  }

  void checkRetry(const CompilationReport& failed) {
    const auto next = std::ranges::find_if(vm_.reports, [&](const auto& told) {
      return told.report.number == failed.number && told.report.attempt == failed.attempt + 1;
    });
    if (next == vm_.reports.end() || !next->report.aot || !next->report.aot->load) return;
    find(next->report, "asks again for a method that could not be loaded");
  }

  Judgement& judgement_;
  std::size_t index_;
  const VMRecord& vm_;
};

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    const ServerRecord& server = record.servers[i];
    if (server.has_aot_cache && !server.misbehaves()) ServerCheck(judgement, i).check();
  }
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    if (!record.vms[i].misbehaves() && record.vms[i].livesAsReal()) VMCheck(judgement, i).check();
  }
}

}  // namespace

const Checker kAOTCache{"aot_cache",
                        "What was stored in an AOT cache comes from it, no record is sent to who has it, or "
                        "used with another server's, and nobody asks again for what was refused.",
                        check};

}  // namespace jitrig
