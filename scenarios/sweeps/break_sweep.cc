#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/fault/fault_place.h"
#include "scenarios/fault/injected_error.h"
#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 4> kAxes{{
    {"message",
     "the number of the message of its direction within the compilation, from 1; or which goodbye: "
     "connectionTerminate, clientSessionTerminate"},
    {"place",
     "before_message, inside_size, inside_header, inside_descriptor, inside_payload, last_byte_missing, "
     "after_message"},
    {"action", "close, reset, stall (for longer than the timeout), black_hole"},
    {"direction", "client or server: who sends the message"},
}};

constexpr std::array<std::string_view, 4> kActions{"close", "reset", "stall", "black_hole"};

/// Beyond every timeout of the personas.
constexpr std::string_view kStallMs = "100000";

struct Break {
  std::uint64_t message = 1;
  Direction direction = Direction::client;
  FaultPlace place = FaultPlace::beforeMessage;
  std::string_view action{};
};

FaultSpec faultOf(const Break& where, const SweptConversation& conversation) {
  FaultSpec fault;
  fault.action = where.action;
  if (where.action == "stall") fault.parameters["duration_ms"] = kStallMs;
  fault.trigger.direction = where.direction;
  fault.trigger.compilation = conversation.compilation + 1;
  fault.trigger.message_of_compilation = where.message;
  fault.trigger.place = where.place;
  return fault;
}

/// The server has sent its last word, and it has passed; or so has the client's last answer, and what befalls
/// nothing but that direction finds nothing more to befall.
bool isBehindTheEnd(const Break& where, const SweptConversation& conversation) {
  const bool is_last = where.message == conversation.swept().queries.size() + 1;
  if (!is_last || where.place != FaultPlace::afterMessage) return false;
  return where.direction == Direction::server || where.action == "stall" || where.action == "black_hole";
}

/// Which of the client's compilations breaks: behind the end it is the next one on that connection.
std::size_t brokenCompilation(const Break& where, const SweptConversation& conversation) {
  return conversation.compilation + (isBehindTheEnd(where, conversation) ? 1 : 0);
}

/// How many queries the client has answered by then, at least and at most: an answer may be written although
/// it never arrives, and a direction that nothing befell may bring one more query.
std::pair<std::uint64_t, std::uint64_t> answered(const Break& where, const SweptConversation& conversation) {
  if (isBehindTheEnd(where, conversation)) return {0, 1};
  if (where.direction == Direction::server) return {where.message - 1, where.message};
  // The request is the client's first message, the answer to the first query its second.
  return {where.message < 2 ? 0 : where.message - 2, where.message};
}

void judgeClient(const SweptRun& run, const SweptConversation& conversation, const Break& where,
                 std::vector<std::string>& problems) {
  const std::size_t broken = brokenCompilation(where, conversation);
  append(problems, othersUntouched(run, conversation, broken));
  for (const CompilationReport& report : run.victim) {
    if (report.number != broken) continue;
    const std::string text = fmt::format("the broken compilation is {} after {} queries: {}",
                                         toString(report.result), report.queries, report.detail);
    if (report.result != CompilationResult::terminated) problems.push_back(text + "; expected terminated");
    const auto [least, most] = answered(where, conversation);
    if (report.queries < least || report.queries > most) {
      problems.push_back(fmt::format("{}; expected {} to {} queries", text, least, most));
    }
    const bool says_why = isInjected(report.detail) || report.detail.contains("no whole message within") ||
                          report.detail.contains("closed the connection") || report.detail.contains("reset");
    if (!says_why) problems.push_back(text + "; that does not say what happened");
  }
}

/// What the server says of it: nothing if the request never came whole; that it broke if something was still
/// due from the client; and if only the final message was lost, either.
void judgeServer(const SweptRun& run, const SweptConversation& conversation, const Break& where,
                 std::vector<std::string>& problems) {
  const auto reports =
      std::ranges::count(run.server_victim, conversation.script.compilations[conversation.compilation].name,
                         &ServerCompilationReport::script);
  // A reset overtakes what is still on its way.
  const bool request_came = where.direction == Direction::server || where.message > 1;
  if (reports > 1 || (request_came && reports == 0)) {
    problems.push_back(fmt::format("the server reports the broken compilation {} times", reports));
  }
  // Where only the final message can be lost, the server has done all that it had to.
  const std::uint64_t last = conversation.swept().queries.size() + 1;
  const bool may_compile =
      where.message == last || (where.message == last - 1 && where.direction == Direction::server);
  for (const ServerCompilationReport& report : run.server_victim) {
    const bool is_broken = report.script == conversation.script.compilations[conversation.compilation].name;
    if (report.outcome == CompilationOutcome::compiled && (!is_broken || may_compile)) continue;
    // Behind the end it is the next one, of which the request may have come.
    if (report.outcome == CompilationOutcome::streamFailure &&
        (is_broken || isBehindTheEnd(where, conversation)))
      continue;
    problems.push_back(fmt::format("the server says that {} is {}: {}", report.script,
                                   toString(report.outcome), report.detail));
  }
}

SweepVerdict breakAt(const SweptConversation& conversation, const SweepOptions& options, const Break& where) {
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.faults.push_back(faultOf(where, conversation));
  const SweptRun run = runSwept(conversation, run_options);
  SweepVerdict verdict{.problems = run.problems, .messages = run.messages};
  if (run.faults_fired != 1)
    verdict.problems.push_back(fmt::format("the fault fired {} times", run.faults_fired));
  judgeClient(run, conversation, where, verdict.problems);
  judgeServer(run, conversation, where, verdict.problems);
  return verdict;
}

/// Nothing is in progress when a client says goodbye: it ends well whether it is heard or not.
SweepVerdict breakGoodbye(const SweptConversation& conversation, const SweepOptions& options,
                          const Break& where, std::uint16_t goodbye) {
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  FaultSpec fault = faultOf(where, conversation);
  fault.trigger.compilation.reset();
  fault.trigger.message_of_compilation.reset();
  fault.trigger.type = goodbye;
  run_options.faults.push_back(std::move(fault));
  const SweptRun run = runSwept(conversation, run_options);
  SweepVerdict verdict{.problems = run.problems, .messages = run.messages};
  if (run.faults_fired != 1) {
    verdict.problems.push_back(fmt::format("the fault fired {} times", run.faults_fired));
  }
  append(verdict.problems, othersUntouched(run, conversation, std::nullopt));
  return verdict;
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  std::vector<SweepPoint> all;
  const auto add = [&](const std::string& message, const Break& where, std::optional<std::uint16_t> goodbye) {
    all.push_back({.coordinates = {{"message", message},
                                   {"place", std::string(toString(where.place))},
                                   {"action", std::string(where.action)},
                                   {"direction", std::string(toString(where.direction))}},
                   .run = [&conversation, options, where, goodbye] {
                     return goodbye ? breakGoodbye(conversation, options, where, *goodbye)
                                    : breakAt(conversation, options, where);
                   }});
  };
  const auto add_everywhere = [&](const std::string& message, Break where,
                                  std::optional<std::uint16_t> goodbye) {
    for (const FaultPlaceName& place : faultPlaces()) {
      if (place.place == FaultPlace::atByte) continue;
      where.place = place.place;
      for (const std::string_view action : kActions) {
        where.action = action;
        add(message, where, goodbye);
      }
    }
  };
  for (std::uint64_t message = 1; message <= conversation.messages() / 2; ++message) {
    for (const Direction direction : {Direction::client, Direction::server}) {
      add_everywhere(std::to_string(message), {.message = message, .direction = direction}, std::nullopt);
    }
  }
  const Dialect& dialect = *conversation.dialect;
  for (const std::uint16_t goodbye : {dialect.connection_terminate, dialect.client_session_terminate}) {
    add_everywhere(dialect.typeName(goodbye), {.direction = Direction::client}, goodbye);
  }
  return all;
}

}  // namespace

constinit const Sweep kBreakSweep{
    .name = "break",
    .sentence =
        "The connection breaks at each place of each message of a compilation: that one is terminated, and "
        "reported as such; all others are untouched, and a fresh client is served.",
    .axes = kAxes,
    .points = points};

}  // namespace jitrig
