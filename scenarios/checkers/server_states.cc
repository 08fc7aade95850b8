#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/threads_at_work.h"

namespace jitrig {
namespace {

std::int64_t nanoseconds(std::int64_t ms) {
  return std::chrono::nanoseconds(std::chrono::milliseconds(ms)).count();
}

/// What the memory's state must be so long after the server's start; nullopt: it depends on what is free.
std::optional<ServerMemoryState> memoryStateAt(const ServerMemoryOptions& memory, std::int64_t after_ns) {
  for (const MemoryStateSpan& span : memory.spans) {
    if (after_ns >= nanoseconds(span.from_ms) && after_ns < nanoseconds(span.to_ms)) return span.state;
  }
  ServerMemoryOptions without_spans = memory;
  without_spans.spans.clear();
  if (without_spans == ServerMemoryOptions{}) return ServerMemoryState::normal;
  return std::nullopt;
}

/// As semantics.md, section 6, has it, in percent.
ServerActiveThreadsState threadsStateOf(std::size_t active, std::size_t usable) {
  const std::size_t percent_of_all = 100 * active;
  if (percent_of_all > 90 * usable) return ServerActiveThreadsState::veryHigh;
  return percent_of_all > 80 * usable ? ServerActiveThreadsState::high : ServerActiveThreadsState::normal;
}

/// A server that keeps its AOT caches in files saves or loads each with one thread, which no tap sees. There
/// are no more of them than names that its clients gave, in compilations or to ask for a map.
std::size_t mostCacheJobs(const Judgement& judgement, const ServerRecord& server) {
  if (!server.keeps_aot_cache) return 0;
  std::set<std::string> names;
  for (const auto& told : server.reports) {
    if (told.report.aot && !told.report.aot->cache.empty()) names.insert(told.report.aot->cache);
  }
  const auto asks_for_map = [&](const RecordedConnection& connection) {
    const auto& end = connection.end(Direction::server);
    return end && &judgement.personaOf(*end) == &server &&
           std::ranges::any_of(end->read.frames, [&](const RecordedFrame& frame) {
             return frame.type == server.dialect->aot_cache_map_request;
           });
  };
  const auto maps = std::ranges::count_if(judgement.record().connections, asks_for_map);
  return names.size() + static_cast<std::size_t>(maps);
}

/// The final messages of one server.
class SaidStates {
 public:
  SaidStates(Judgement& judgement, std::size_t index)
      : judgement_(judgement),
        index_(index),
        server_(judgement.record().servers[index]),
        work_(judgement, index),
        most_cache_jobs_(mostCacheJobs(judgement, server_)) {}

  void check(std::size_t report_index) {
    const auto& told = server_.reports[report_index];
    if (!told.report.states) return;
    const OwnStates& said = *told.report.states;
    if (told.report.outcome == CompilationOutcome::compiled) checkMemory(told.report, said);
    checkThreads(told.report, said);
    if (const auto reference = judgement_.exchangeOf(index_, report_index)) checkClient(said, *reference);
  }

 private:
  void checkMemory(const ServerCompilationReport& report, const OwnStates& said) {
    // In real time somebody else looks at the clock.
    const bool timed = judgement_.record().network.has_value();
    if (!server_.began || (!timed && server_.memory != ServerMemoryOptions{})) return;
    const auto expected = memoryStateAt(server_.memory, said.when.ns - server_.began->time_ns);
    if (!expected || said.states.memory == *expected) return;
    find(report,
         fmt::format("its memory is {}, expected {}", toString(said.states.memory), toString(*expected)));
  }

  /// Who compiles is active itself, and no more are than have something to do.
  void checkThreads(const ServerCompilationReport& report, const OwnStates& said) {
    const auto expected = threadsStateOf(said.active_threads, server_.compilation_threads);
    if (said.states.threads != expected)
      find(report, fmt::format("its threads' state is {} with {} of {} active, expected {}",
                               toString(said.states.threads), said.active_threads,
                               server_.compilation_threads, toString(expected)));
    if (said.active_threads == 0 || said.active_threads > server_.compilation_threads)
      find(report,
           fmt::format("{} threads of {} are active", said.active_threads, server_.compilation_threads));
    // What a thread reads of TLS or of a client that sends in pieces is not all seen.
    if (!judgement_.record().network || server_.tls || !server_.pauses.empty()) return;
    if (judgement_.disturbances().server(index_).first() != Touched::kUntouched) return;
    const std::size_t at_work = work_.at(said.when.ns) + most_cache_jobs_;
    if (said.active_threads > at_work)
      find(report,
           fmt::format("{} threads are active, but {} had something to do", said.active_threads, at_work));
  }

  /// What the server says is what the client is told.
  void checkClient(const OwnStates& said, const ExchangeReference& reference) {
    const RecordedConnection& connection = judgement_.record().connections[reference.end.connection];
    const auto& client_end = connection.end(Direction::client);
    if (!client_end || connection.ambiguous) return;
    if (judgement_.disturbances().connection(connection.index).alters_ns != Touched::kUntouched) return;
    const ExchangeReference there{.end = {.connection = connection.index, .local = Direction::client},
                                  .exchange = reference.exchange};
    const EndHistory* history = judgement_.history(there.end);
    if (history == nullptr || there.exchange >= history->exchanges.size()) return;
    const auto report_index = judgement_.reportOf(there);
    if (!report_index) return;
    const VMRecord& vm = judgement_.record().vms[client_end->persona];
    const SaidServerStates& heard = vm.reports[*report_index].report.server_states;
    const bool same_memory = !heard.memory || *heard.memory == said.states.memory;
    const bool same_threads = !heard.threads || *heard.threads == said.states.threads;
    if (same_memory && same_threads) return;
    judgement_.find(
        fmt::format("{}: the server said that its memory is {} and its threads' state {}, but the "
                    "client heard otherwise",
                    judgement_.textOf(there), toString(said.states.memory), toString(said.states.threads)),
        {{.end = there.end, .order = judgement_.exchange(there).last_order}});
  }

  void find(const ServerCompilationReport& report, const std::string& what) {
    judgement_.find(
        fmt::format("{}: says at the end of compilation {} that {}", server_.name, report.number, what),
        {{.server = index_}});
  }

  Judgement& judgement_;
  std::size_t index_;
  const ServerRecord& server_;
  ThreadsAtWork work_;
  const std::size_t most_cache_jobs_;
};

void check(Judgement& judgement) {
  for (std::size_t i = 0; i < judgement.record().servers.size(); ++i) {
    const ServerRecord& server = judgement.record().servers[i];
    if (server.misbehaves()) continue;
    SaidStates said(judgement, i);
    for (std::size_t report = 0; report < server.reports.size(); ++report) said.check(report);
  }
}

}  // namespace

const Checker kServerStates{
    "server_states",
    "A server says with its final messages how its memory is and how many of its threads "
    "are active, and the client is told just that.",
    check};

}  // namespace jitrig
