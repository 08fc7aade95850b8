#include <array>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 3> kAxes{{
    {"of",
     "first: the compilation that begins the connection, before the server has confirmed a version; swept: "
     "that of --compilation"},
    {"query", "the number of the query that is not answered, from 1"},
    {"by",
     "interrupt: compilationInterrupted is sent; close: the connection is closed; throw: the front end "
     "throws"},
}};

constexpr std::array<std::string_view, 3> kWays{"interrupt", "close", "throw"};

std::optional<Answer> giveUp(std::string_view way) {
  if (way == "throw") throw std::runtime_error("the front end gave up");
  return Answer{.kind = way == "close" ? Answer::Kind::close : Answer::Kind::interrupt, .values = {}};
}

SweepVerdict interruptAt(const SweptConversation& conversation, const SweepOptions& options,
                         std::uint64_t query, std::string_view way) {
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.on_query = [=](SweptWorld&, std::uint64_t number) -> std::optional<Answer> {
    return number == query ? giveUp(way) : std::nullopt;
  };
  const SweptRun run = runSwept(conversation, run_options);
  std::vector<std::string> problems = run.problems;
  append(problems, othersUntouched(run, conversation, conversation.compilation));
  for (const CompilationReport& report : run.victim) {
    if (report.number != conversation.compilation) continue;
    if (report.result != CompilationResult::interrupted || report.detail.empty() ||
        report.queries != query - 1) {
      problems.push_back(
          fmt::format("the client says that it is {} after {} queries, expected interrupted after {}: {}",
                      toString(report.result), report.queries, query - 1, report.detail));
    }
  }
  // Who closes without a word has a broken stream, to the server.
  const auto expected = way == "close" ? CompilationOutcome::streamFailure : CompilationOutcome::interrupted;
  for (const ServerCompilationReport& report : run.server_victim) {
    const bool is_swept = report.script == conversation.script.compilations[conversation.compilation].name;
    const auto wanted = is_swept ? expected : CompilationOutcome::compiled;
    if (report.outcome == wanted) continue;
    problems.push_back(fmt::format("the server says that {} is {}, expected {}: {}", report.script,
                                   toString(report.outcome), toString(wanted), report.detail));
  }
  return {.problems = std::move(problems), .messages = run.messages};
}

void addPoints(std::vector<SweepPoint>& all, const std::shared_ptr<const SweptConversation>& conversation,
               const SweepOptions& options, const std::string& of) {
  for (std::uint64_t query = 1; query <= conversation->swept().queries.size(); ++query) {
    for (const std::string_view way : kWays) {
      all.push_back({.coordinates = {{"of", of}, {"query", std::to_string(query)}, {"by", std::string(way)}},
                     .run = [conversation, options, query, way] {
                       return interruptAt(*conversation, options, query, way);
                     }});
    }
  }
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  std::vector<SweepPoint> all;
  addPoints(all, std::make_shared<SweptConversation>(conversation), options, "swept");
  if (conversation.compilation == 0) return all;
  auto first = std::make_shared<SweptConversation>(conversation);
  first->compilation = 0;
  addPoints(all, first, options, "first");
  return all;
}

}  // namespace

constinit const Sweep kInterruptionSweep{
    .name = "interruption",
    .sentence =
        "The client gives its compilation up at each query: it is interrupted on both sides, the next one "
        "compiles, on the same connection where that still stands.",
    .axes = kAxes,
    .points = points};

}  // namespace jitrig
