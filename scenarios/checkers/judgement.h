#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/checkers/checker.h"
#include "scenarios/checkers/disturbances.h"
#include "scenarios/checkers/end_history.h"
#include "scenarios/record/run_record.h"

namespace jitrig {

/// A compilation at one end: which exchange of which end's history.
struct ExchangeReference {
  EndReference end;
  std::size_t exchange = 0;
};

/// A run while it is judged: the record, what follows from it for more than one checker, and the findings so
/// far.
class Judgement {
 public:
  explicit Judgement(const RunRecord& record);
  Judgement(const Judgement&) = delete;
  Judgement& operator=(const Judgement&) = delete;

  /// Runs one checker; what it finds gets its name.
  void run(const Checker& checker);
  /// A finding of the checker that runs. At most kMaxFindings of one checker are kept, then how many more
  /// there were is said.
  void find(std::string text, std::vector<Concerned> concerned = {});
  std::vector<Finding> takeFindings() { return std::move(findings_); }

  const RunRecord& record() const { return record_; }
  /// What faults, misbehaviours and ends of personas explain.
  const Disturbances& disturbances() const { return disturbances_; }

  const PersonaRecord& personaOf(const RecordedEnd& end) const;
  const PersonaRecord* persona(Direction side, std::size_t index) const;
  /// Whether what this end's persona does is its own doing: it misbehaves if told to.
  bool isJudged(const RecordedEnd& end) const { return !personaOf(end).misbehaves(); }

  /// Of every end whose persona's dialect is known, in the order of connections, client first.
  const std::vector<EndHistory>& histories() const { return histories_; }
  const EndHistory* history(EndReference end) const;
  const RecordedEnd& end(EndReference reference) const { return *record_.endOf(reference); }
  const RecordedEnd* peer(EndReference reference) const;

  /// The exchange at a client's end that this report is about.
  std::optional<ExchangeReference> exchangeOf(std::size_t vm, const CompilationReport& report) const;
  /// The same at a server: `report` is an index in ServerRecord::reports.
  std::optional<ExchangeReference> exchangeOf(std::size_t server, std::size_t report) const;
  /// The reports about the exchanges of an end: indices in the persona's reports, in the exchanges' order. Of
  /// an exchange without a report nullopt.
  std::optional<std::size_t> reportOf(ExchangeReference exchange) const;

  const Exchange& exchange(ExchangeReference reference) const;
  /// The same compilation at the other end, if both ends are known.
  const Exchange* counterpart(ExchangeReference reference) const;

  // Texts for findings.
  std::string textOf(EndReference end) const;
  std::string textOf(ExchangeReference exchange) const;
  std::string textOf(EndReference end, Direction sender, std::size_t frame) const;

  static constexpr std::size_t kMaxFindings = 5;  ///< of one checker

 private:
  void readHistories();
  void linkClientReports();
  void linkServerReports();

  const RunRecord& record_;
  std::vector<EndHistory> histories_;
  std::vector<std::array<std::size_t, 2>> history_of_end_;  ///< by connection and side; or kNone
  Disturbances disturbances_;
  std::vector<std::map<std::uint64_t, ExchangeReference>>
      client_exchanges_;  ///< by VM, then by sequence number
  std::vector<std::map<std::size_t, ExchangeReference>> server_exchanges_;  ///< by server, then by report
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> report_of_;    ///< by index of history, exchange
  const Checker* running_ = nullptr;
  std::size_t found_ = 0;
  std::vector<Finding> findings_;

  static constexpr std::size_t kNone = ~std::size_t{0};
};

}  // namespace jitrig
