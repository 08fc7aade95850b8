#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

std::size_t repliesIn(const Exchange& exchange) {
  std::size_t replies = 0;
  for (const Question& question : exchange.questions) replies += question.reply ? 1U : 0U;
  return replies;
}

bool isSuccess(const Dialect& dialect, std::uint16_t type) {
  return type != dialect.compilation_failure && dialect.typeName(type) != "AOTCache_failure";
}

/// What one end's messages say of how a compilation ended.
class WireView {
 public:
  WireView(const Judgement& judgement, ExchangeReference reference)
      : exchange_(judgement.exchange(reference)),
        end_(judgement.end(reference.end)),
        dialect_(*judgement.personaOf(end_).dialect) {}

  bool hasFinal() const { return exchange_.final_message.has_value(); }
  bool succeeded() const { return hasFinal() && isSuccess(dialect_, finalFrame().type); }
  bool failed() const { return hasFinal() && !succeeded(); }
  bool interrupted() const { return exchange_.interruption.has_value(); }
  std::size_t replies() const { return repliesIn(exchange_); }
  std::optional<std::uint32_t> status() const {
    if (!hasFinal() || finalFrame().type != dialect_.compilation_failure) return std::nullopt;
    return firstUInt32(end_.lane(Direction::server), finalFrame());
  }
  std::optional<std::uint64_t> codeSize() const {
    return hasFinal() ? firstStringSize(end_.lane(Direction::server), finalFrame()) : std::nullopt;
  }
  /// It asked last what a server asks whose compilation thread has crashed.
  bool crashed() const {
    if (exchange_.questions.empty()) return false;
    const auto type = end_.lane(Direction::server).frames[exchange_.questions.back().query].type;
    const std::string name = dialect_.typeName(type);
    return name == "compilationThreadCrashed" || name == "jitDumpPrintIL";
  }
  std::uint64_t order() const { return exchange_.last_order; }
  /// "a compilationCode", "no final message".
  std::string endText() const {
    if (interrupted()) return "an interruption";
    return hasFinal() ? dialect_.typeName(finalFrame().type) : "no final message";
  }

 private:
  const RecordedFrame& finalFrame() const {
    return end_.lane(Direction::server).frames[*exchange_.final_message];
  }

  const Exchange& exchange_;
  const RecordedEnd& end_;
  const Dialect& dialect_;
};

/// The reason why such a result does not go with what was said; empty: it does.
std::string_view contradiction(CompilationResult result, const WireView& wire) {
  switch (result) {
    case CompilationResult::compiled: return wire.succeeded() ? "" : "without code from the server";
    case CompilationResult::failed:
      if (wire.succeeded()) return "although the server sent code";
      return wire.failed() || wire.crashed() ? "" : "without a word from the server";
    case CompilationResult::interrupted: return wire.hasFinal() ? "although the server had ended it" : "";
    case CompilationResult::local: return "although its request was sent";
    case CompilationResult::terminated: break;
  }
  return "";
}

std::string_view contradiction(CompilationOutcome outcome, const WireView& wire) {
  switch (outcome) {
    case CompilationOutcome::compiled: return wire.succeeded() ? "" : "without having sent code";
    case CompilationOutcome::failed: return wire.succeeded() ? "although it sent code" : "";
    case CompilationOutcome::interrupted:
      return wire.interrupted() ? "" : "although the client did not interrupt it";
    case CompilationOutcome::streamFailure: return wire.hasFinal() ? "although it was ended" : "";
  }
  return "";
}

void checkClient(Judgement& judgement, const VMRecord& vm, const CompilationReport& report,
                 ExchangeReference reference) {
  const WireView wire(judgement, reference);
  const auto find = [&](const std::string& what) {
    judgement.find(fmt::format("{}: {} reported {}, {}", judgement.textOf(reference), vm.name,
                               toString(report.result), what),
                   {{.end = reference.end, .order = wire.order()}});
  };
  const auto why = contradiction(report.result, wire);
  const bool useless = report.couldNotLoad() && wire.succeeded();
  if (!why.empty() && !useless)
    find(fmt::format("{}; its end of the connection saw {}", why, wire.endText()));
  if (report.queries != wire.replies()) {
    find(fmt::format("{} queries answered, but wrote {} replies", report.queries, wire.replies()));
  }
  if (report.result == CompilationResult::failed && wire.status() && report.status != wire.status()) {
    find(fmt::format("status {}, but the server sent {}", report.status.value_or(0), *wire.status()));
  }
  if (report.result == CompilationResult::compiled && wire.codeSize() &&
      *wire.codeSize() != report.code_size_bytes) {
    find(fmt::format("{} bytes of code, but the server sent {}", report.code_size_bytes, *wire.codeSize()));
  }
}

void checkServer(Judgement& judgement, const ServerRecord& server, const ServerCompilationReport& report,
                 ExchangeReference reference) {
  const WireView wire(judgement, reference);
  const auto find = [&](const std::string& what) {
    judgement.find(fmt::format("{}: {} reported {}, {}", judgement.textOf(reference), server.name,
                               toString(report.outcome), what),
                   {{.end = reference.end, .order = wire.order()}});
  };
  const auto why = contradiction(report.outcome, wire);
  if (!why.empty()) find(fmt::format("{}; its end of the connection saw {}", why, wire.endText()));
  // A reply that did not fit ends the compilation, and is not counted.
  const bool counted = report.queries == wire.replies() || (report.outcome != CompilationOutcome::compiled &&
                                                            report.queries + 1 == wire.replies());
  if (!counted) find(fmt::format("{} replies, but read {}", report.queries, wire.replies()));
  const auto& identity = judgement.exchange(reference).identity;
  if (identity && identity->client_uid != report.client_uid) {
    find(
        fmt::format("client {:016x}, but the request is {:016x}'s", report.client_uid, identity->client_uid));
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    if (record.vms[i].misbehaves()) continue;
    for (const auto& told : record.vms[i].reports) {
      const auto reference = judgement.exchangeOf(i, told.report);
      if (reference) checkClient(judgement, record.vms[i], told.report, *reference);
    }
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (record.servers[i].misbehaves()) continue;
    for (std::size_t report = 0; report < record.servers[i].reports.size(); ++report) {
      const auto reference = judgement.exchangeOf(i, report);
      if (reference) {
        checkServer(judgement, record.servers[i], record.servers[i].reports[report].report, *reference);
      }
    }
  }
}

}  // namespace

const Checker kResults{
    "results", "What a persona reports of a compilation is what its own end of the connection saw.", check};

}  // namespace jitrig
