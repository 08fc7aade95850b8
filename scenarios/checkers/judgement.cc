#include "scenarios/checkers/judgement.h"

#include <fmt/format.h>

#include "scenarios/record/record_text.h"

namespace jitrig {

Judgement::Judgement(const RunRecord& record)
    : record_(record),
      history_of_end_(record.connections.size(), {kNone, kNone}),
      disturbances_(record),
      client_exchanges_(record.vms.size()),
      server_exchanges_(record.servers.size()) {
  readHistories();
  linkClientReports();
  linkServerReports();
}

void Judgement::run(const Checker& checker) {
  running_ = &checker;
  found_ = 0;
  checker.check(*this);
  if (found_ > kMaxFindings) {
    findings_.push_back({.checker = std::string(checker.name),
                         .text = fmt::format("… and {} more of this kind", found_ - kMaxFindings)});
  }
  running_ = nullptr;
}

void Judgement::find(std::string text, std::vector<Concerned> concerned) {
  if (++found_ > kMaxFindings) return;
  findings_.push_back({.checker = std::string(running_ != nullptr ? running_->name : "judge"),
                       .text = std::move(text),
                       .concerned = std::move(concerned)});
}

const PersonaRecord* Judgement::persona(Direction side, std::size_t index) const {
  if (side == Direction::client) return index < record_.vms.size() ? &record_.vms[index] : nullptr;
  return index < record_.servers.size() ? &record_.servers[index] : nullptr;
}

const PersonaRecord& Judgement::personaOf(const RecordedEnd& end) const {
  return *persona(end.local, end.persona);
}

void Judgement::readHistories() {
  for (const RecordedConnection& connection : record_.connections) {
    for (const Direction local : {Direction::client, Direction::server}) {
      const auto& end = connection.end(local);
      if (!end || !personaOf(*end).dialect) continue;
      const bool any_version = local == Direction::server && record_.servers[end->persona].accept_any_version;
      history_of_end_[connection.index][static_cast<std::size_t>(local)] = histories_.size();
      histories_.push_back(readHistory(connection, {.connection = connection.index, .local = local},
                                       *personaOf(*end).dialect, any_version));
    }
  }
}

const EndHistory* Judgement::history(EndReference end) const {
  const std::size_t index = history_of_end_[end.connection][static_cast<std::size_t>(end.local)];
  return index == kNone ? nullptr : &histories_[index];
}

const RecordedEnd* Judgement::peer(EndReference reference) const {
  return record_.endOf({.connection = reference.connection, .local = otherDirection(reference.local)});
}

/// A FakeVM reports with which sequence number it asked.
void Judgement::linkClientReports() {
  for (std::size_t index = 0; index < histories_.size(); ++index) {
    const EndHistory& history = histories_[index];
    if (history.end.local != Direction::client) continue;
    const std::size_t vm = end(history.end).persona;
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      const auto& identity = history.exchanges[i].identity;
      if (!identity || identity->sequence_number == 0) continue;
      client_exchanges_[vm].try_emplace(identity->sequence_number,
                                        ExchangeReference{.end = history.end, .exchange = i});
    }
  }
  for (std::size_t vm = 0; vm < record_.vms.size(); ++vm) {
    for (std::size_t i = 0; i < record_.vms[vm].reports.size(); ++i) {
      const auto found = exchangeOf(vm, record_.vms[vm].reports[i].report);
      if (!found) continue;
      const std::size_t history = history_of_end_[found->end.connection][0];
      report_of_.try_emplace({history, found->exchange}, i);
    }
  }
}

/// The requests of a stream are served one after the other, so the k-th report that names it is about its
/// k-th request. Those for JitDumps have reports of their own.
void Judgement::linkServerReports() {
  std::map<std::size_t, std::size_t> next;  // by history
  for (std::size_t server = 0; server < record_.servers.size(); ++server) {
    const auto& reports = record_.servers[server].reports;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (!reports[i].end) continue;
      const std::size_t history =
          history_of_end_[reports[i].end->connection][static_cast<std::size_t>(reports[i].end->local)];
      if (history == kNone) continue;
      std::size_t exchange = next[history];
      const std::vector<Exchange>& exchanges = histories_[history].exchanges;
      while (exchange < exchanges.size() && exchanges[exchange].jit_dump) ++exchange;
      next[history] = exchange + 1;
      if (exchange >= exchanges.size()) continue;
      server_exchanges_[server][i] = {.end = *reports[i].end, .exchange = exchange};
      report_of_.try_emplace({history, exchange}, i);
    }
  }
}

std::optional<ExchangeReference> Judgement::exchangeOf(std::size_t vm,
                                                       const CompilationReport& report) const {
  const auto found = client_exchanges_[vm].find(report.sequence_number);
  if (report.sequence_number == 0 || found == client_exchanges_[vm].end()) return std::nullopt;
  return found->second;
}

std::optional<ExchangeReference> Judgement::exchangeOf(std::size_t server, std::size_t report) const {
  const auto found = server_exchanges_[server].find(report);
  if (found == server_exchanges_[server].end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> Judgement::reportOf(ExchangeReference exchange) const {
  const std::size_t history =
      history_of_end_[exchange.end.connection][static_cast<std::size_t>(exchange.end.local)];
  const auto found = report_of_.find({history, exchange.exchange});
  if (found == report_of_.end()) return std::nullopt;
  return found->second;
}

const Exchange& Judgement::exchange(ExchangeReference reference) const {
  return history(reference.end)->exchanges[reference.exchange];
}

const Exchange* Judgement::counterpart(ExchangeReference reference) const {
  if (record_.connections[reference.end.connection].ambiguous) return nullptr;
  const EndHistory* other =
      history({.connection = reference.end.connection, .local = otherDirection(reference.end.local)});
  if (other == nullptr || reference.exchange >= other->exchanges.size()) return nullptr;
  return &other->exchanges[reference.exchange];
}

std::string Judgement::textOf(EndReference end) const {
  return endText(record_, end);
}

std::string Judgement::textOf(ExchangeReference exchange) const {
  const auto& identity = this->exchange(exchange).identity;
  const std::string where = fmt::format("{}, compilation {}", textOf(exchange.end), exchange.exchange + 1);
  if (!identity) return where;
  return fmt::format("{} (client {:016x}, sequence number {})", where, identity->client_uid,
                     identity->sequence_number);
}

std::string Judgement::textOf(EndReference end, Direction sender, std::size_t frame) const {
  return fmt::format("{}, {} message {}, {}", textOf(end), arrowText(sender), frame + 1,
                     frameText(record_, end, sender, frame));
}

}  // namespace jitrig
