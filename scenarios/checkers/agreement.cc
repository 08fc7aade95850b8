#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/dialect_difference.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Whether what is said here can be compared with what is said there.
bool comparable(const Judgement& judgement, const RecordedConnection& connection) {
  if (!connection.hasBothEnds() || connection.ambiguous) return false;
  const RunRecord& record = judgement.record();
  if (speakDifferently(record.vms[connection.end(Direction::client)->persona],
                       record.servers[connection.end(Direction::server)->persona])) {
    return false;
  }
  const Touched& touched = judgement.disturbances().connection(connection.index);
  return touched.alters_ns == Touched::kUntouched;
}

class Pair {
 public:
  Pair(Judgement& judgement, ExchangeReference client, ExchangeReference server)
      : judgement_(judgement), client_(client), server_(server) {}

  void check() const {
    const Exchange& asked = judgement_.exchange(client_);
    const Exchange& taken = judgement_.exchange(server_);
    // Bytes cannot arrive that were not sent; so what one end read, the other has written.
    if (asked.final_message && !taken.final_message) {
      find("the client read a final message, the server wrote none");
    }
    if (taken.interruption && !asked.interruption) {
      find("the server read an interruption, the client wrote none");
    }
    if (taken.final_message && asked.interruption) {
      find("the client interrupted it, and the server ended it as well");
    }
    checkReports();
  }

 private:
  /// compiled here means compiled there; whether the other way round depends on the network.
  void checkReports() const {
    const auto client = judgement_.reportOf(client_);
    const auto server = judgement_.reportOf(server_);
    if (!client || !server) return;
    const RunRecord& record = judgement_.record();
    const CompilationReport& told = record.vms[judgement_.end(client_.end).persona].reports[*client].report;
    const auto result = told.result;
    const auto outcome = record.servers[judgement_.end(server_.end).persona].reports[*server].report.outcome;
    const bool compiled_here = result == CompilationResult::compiled;
    const bool compiled_there = outcome == CompilationOutcome::compiled;
    if (compiled_here && !compiled_there) {
      find(fmt::format("compiled for the client, {} for the server", toString(outcome)));
    }
    const bool may_not_know = result == CompilationResult::terminated || told.couldNotLoad();
    // One that was told of a crash before calls it failed when the connection ends.
    const bool saw_no_end = !judgement_.exchange(client_).final_message;
    if (!compiled_here && compiled_there && !may_not_know && !saw_no_end) {
      find(fmt::format("compiled for the server, {} for the client", toString(result)));
    }
    if (outcome == CompilationOutcome::interrupted && result != CompilationResult::interrupted &&
        !may_not_know) {
      find(fmt::format("interrupted for the server, {} for the client", toString(result)));
    }
  }

  void find(const std::string& what) const {
    judgement_.find(fmt::format("{}: {}", judgement_.textOf(client_), what),
                    {{.end = client_.end, .order = judgement_.exchange(client_).last_order},
                     {.end = server_.end, .order = judgement_.exchange(server_).last_order}});
  }

  Judgement& judgement_;
  ExchangeReference client_;
  ExchangeReference server_;
};

void check(Judgement& judgement) {
  for (const RecordedConnection& connection : judgement.record().connections) {
    if (!comparable(judgement, connection)) continue;
    const EndReference client_end{.connection = connection.index, .local = Direction::client};
    const EndReference server_end{.connection = connection.index, .local = Direction::server};
    const EndHistory* client = judgement.history(client_end);
    const EndHistory* server = judgement.history(server_end);
    if (client == nullptr || server == nullptr) continue;
    if (server->exchanges.size() > client->exchanges.size()) {
      judgement.find(
          fmt::format("{}: the server took {} requests, the client wrote {}", judgement.textOf(server_end),
                      server->exchanges.size(), client->exchanges.size()),
          {{.end = client_end}, {.end = server_end}});
      continue;
    }
    for (std::size_t i = 0; i < server->exchanges.size(); ++i) {
      Pair(judgement, {.end = client_end, .exchange = i}, {.end = server_end, .exchange = i}).check();
    }
  }
}

}  // namespace

const Checker kAgreement{
    "agreement", "Client and server agree how a compilation ended, as far as the network lets them know.",
    check};

}  // namespace jitrig
