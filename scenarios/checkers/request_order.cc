#include <deque>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/request_order_model.h"

namespace jitrig {
namespace {

using Kind = RequestOrderEvent::Kind;
using Outcome = RequestOrderEvent::Outcome;
using What = RequestOrderModel::Consequence::What;

Outcome outcomeOf(What what) {
  switch (what) {
    case What::runs: return Outcome::runs;
    case What::parks: return Outcome::parks;
    case What::lost: return Outcome::late;
    case What::clears: return Outcome::clears;
    case What::sleepsOn: return Outcome::sleepsOn;
  }
  return Outcome::none;
}

/// One session of a server, beside the model of it.
class SessionOrder {
 public:
  SessionOrder(Judgement& judgement, std::size_t server, const RequestOrderEvent& first)
      : judgement_(judgement), server_(server), model_(first.last_processed) {}

  /// `arrival`: if it is one, how many there were before it on its connection.
  void see(const Told<RequestOrderEvent>& told, std::size_t arrival) {
    const RequestOrderEvent& event = told.report;
    requireModel(told);
    if (event.kind != Kind::released && !expected_.empty()) {
      find(told, fmt::format("request {} should have gone on before", expected_.front().id));
      expected_.clear();
    }
    switch (event.kind) {
      case Kind::arrived: arrived(told, arrival); break;
      case Kind::timedOut: timedOut(told); break;
      case Kind::released: released(told); break;
      case Kind::published:
      case Kind::skipped:
        untold_.erase(event.request);
        expect(model_.updatesDone(event.request));
        break;
      case Kind::redefined: break;
      case Kind::left: left(told); [[fallthrough]];
      case Kind::abandoned: model_.ends(event.request); break;
    }
  }

  /// Nothing more comes.
  void over(const Told<RequestOrderEvent>& last) {
    if (!expected_.empty()) find(last, fmt::format("request {} never went on", expected_.front().id));
  }

 private:
  /// What the server says of itself before it decides.
  void requireModel(const Told<RequestOrderEvent>& told) {
    const RequestOrderEvent& event = told.report;
    if (event.last_processed != model_.lastProcessed() && event.kind != Kind::released)
      find(told, fmt::format("the last critical number processed is {}, expected {}", event.last_processed,
                             model_.lastProcessed()));
    if (event.active != model_.active() && event.kind != Kind::released)
      find(told, fmt::format("{} requests are active, expected {}", event.active, model_.active()));
  }

  void arrived(const Told<RequestOrderEvent>& told, std::size_t arrival) {
    const RequestOrderEvent& event = told.report;
    if (event.numbers.critical && told.end) untold_[event.request] = {.end = *told.end, .exchange = arrival};
    if (event.created_session) created(told);
    const auto consequences = model_.arrives({.id = event.request,
                                              .sequence_number = event.numbers.sequence_number,
                                              .critical_number = event.numbers.critical_number,
                                              .critical = event.numbers.critical});
    require(told, consequences.front());
    if (event.outcome == Outcome::parks) waits_since_ns_[event.request] = told.when.time_ns;
  }

  /// A number that is not published is waited for in vain. The client said that it would not come.
  void left(const Told<RequestOrderEvent>& told) {
    const auto untold = untold_.find(told.report.request);
    if (untold == untold_.end()) return;
    const EndReference end = untold->second.end;
    // What a peer sends that misbehaves, or what a fault makes of it, may be no interruption after all.
    const bool as_meant = !judgement_.disturbances().peerMisbehaves(end) &&
                          !judgement_.disturbances().connection(end.connection).altersBy(told.when.time_ns);
    const EndHistory* history = judgement_.history(untold->second.end);
    const std::size_t exchange = untold->second.exchange;
    const bool known = history != nullptr && exchange < history->exchanges.size();
    if (as_meant && known && history->exchanges[exchange].interruption)
      find(told, "it was interrupted, and its number was not published");
    untold_.erase(untold);
  }

  /// Others may have overtaken it since.
  void created(const Told<RequestOrderEvent>& told) {
    const std::uint32_t begins_with = told.report.numbers.critical_number;
    if (first_processed_ == begins_with) return;
    find(told, fmt::format("its session began with number {}", first_processed_));
  }

  void timedOut(const Told<RequestOrderEvent>& told) {
    auto consequences = model_.timePassed(told.report.request);
    if (consequences.empty()) return find(told, "it does not wait");
    require(told, consequences.front());
    consequences.erase(consequences.begin());
    expect(std::move(consequences));
    constexpr std::int64_t kStepNs = 1'000'000'000;
    auto& since_ns = waits_since_ns_[told.report.request];
    if (told.when.time_ns - since_ns < kStepNs)
      find(told, fmt::format("it looked again after {} us", (told.when.time_ns - since_ns) / 1000));
    since_ns = told.when.time_ns;
  }

  void released(const Told<RequestOrderEvent>& told) {
    if (expected_.empty()) return find(told, "nothing released it");
    require(told, expected_.front());
    expected_.pop_front();
  }

  void expect(RequestOrderModel::Consequences consequences) {
    for (const auto& each : consequences) expected_.push_back(each);
  }

  void require(const Told<RequestOrderEvent>& told, const RequestOrderModel::Consequence& expected) {
    if (expected.id == told.report.request && outcomeOf(expected.what) == told.report.outcome) return;
    find(told, fmt::format("expected that request {} {}", expected.id, toString(outcomeOf(expected.what))));
  }

  void find(const Told<RequestOrderEvent>& told, const std::string& what) {
    const RequestOrderEvent& event = told.report;
    judgement_.find(fmt::format("{}: client {:016x}, request {} (number {}, behind {}{}) {}, {}: {}",
                                judgement_.record().servers[server_].name, event.numbers.client_uid,
                                event.request, event.numbers.sequence_number, event.numbers.critical_number,
                                event.numbers.critical ? ", critical" : "", toString(event.kind),
                                toString(event.outcome), what),
                    {{.end = told.end, .server = server_, .order = told.when.order}});
  }

  Judgement& judgement_;
  std::size_t server_;
  RequestOrderModel model_;
  const std::uint32_t first_processed_ = model_.lastProcessed();
  std::deque<RequestOrderModel::Consequence> expected_;
  std::map<std::uint64_t, std::int64_t> waits_since_ns_;  ///< by request
  std::map<std::uint64_t, ExchangeReference> untold_;     ///< critical requests whose updates are not done
};

void checkServer(Judgement& judgement, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  std::map<std::uint64_t, SessionOrder> sessions;
  std::map<std::uint64_t, const Told<RequestOrderEvent>*> last;
  std::map<std::size_t, std::size_t> arrivals;  // by connection
  for (const auto& told : server.order_events) {
    const auto session = sessions.try_emplace(told.report.session, judgement, index, told.report).first;
    const bool arrives = told.report.kind == Kind::arrived && told.end;
    session->second.see(told, arrives ? arrivals[told.end->connection]++ : 0);
    last[told.report.session] = &told;
  }
  if (server.killed) return;  // in the middle of anything
  for (auto& [number, session] : sessions) session.over(*last[number]);
}

void check(Judgement& judgement) {
  for (std::size_t i = 0; i < judgement.record().servers.size(); ++i) {
    if (!judgement.record().servers[i].external) checkServer(judgement, i);
  }
}

}  // namespace

const Checker kRequestOrder{
    "request_order",
    "A server runs, parks, releases and refuses the requests of a client as the model of their order does.",
    check};

}  // namespace jitrig
