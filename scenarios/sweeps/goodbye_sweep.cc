#include <array>
#include <fmt/format.h>
#include <utility>

#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/raw_client.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 2> kAxes{{
    {"query", "the number of the query during which the goodbye comes, from 1"},
    {"of",
     "session: clientSessionTerminate on a connection of its own, while the compilation goes on; "
     "connection: connectionTerminate instead of the answer"},
}};

using Problems = std::vector<std::string>;

/// The client JVM says goodbye although it is compiling: the session stays as long as it is used.
void sayGoodbye(SweptWorld& world, const std::shared_ptr<const Dialect>& dialect, Problems& problems) {
  RawClient client(world.runtime, world.connect(false), dialect);
  client.stream().writeClientSessionTerminate(world.victim_uid);
  if (const std::string end = client.readEnd(); !end.empty()) {
    problems.push_back("the goodbye is not followed by the end of its connection: " + end);
  }
  const auto session = world.server.sessions().find(world.victim_uid);
  if (!session || !session->marked_for_deletion) {
    problems.push_back(session ? "the session is not marked for deletion after the goodbye"
                               : "the session is gone although a compilation uses it");
  }
}

/// With the compilation that was in progress the session has ended; this is another one.
void requireNewSession(SweptWorld& world, Problems& problems) {
  const auto session = world.server.sessions().find(world.victim_uid);
  if (!session) {
    problems.push_back("the compilation after the goodbye has no session");
  } else if (session->requests != 1 || session->marked_for_deletion) {
    problems.push_back(
        fmt::format("the compilation after the goodbye is number {} of a session{}, expected a new one",
                    session->requests, session->marked_for_deletion ? " that said goodbye" : ""));
  }
}

SweepVerdict goodbyeOfSession(const SweptConversation& conversation, const SweepOptions& options,
                              std::uint64_t query) {
  Problems problems;
  bool next_seen = false;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.on_query = [&](SweptWorld& world, std::uint64_t number) -> std::optional<Answer> {
    if (number == query) sayGoodbye(world, conversation.dialect, problems);
    return std::nullopt;
  };
  run_options.on_query_of_next = [&](SweptWorld& world) {
    if (std::exchange(next_seen, true)) return;
    requireNewSession(world, problems);
  };
  const SweptRun run = runSwept(conversation, run_options);
  if (!next_seen) problems.push_back("no query of a later compilation came");
  append(problems, run.problems);
  append(problems, othersUntouched(run, conversation, std::nullopt));
  return {.problems = std::move(problems), .messages = run.messages};
}

/// To the server that is an exception of a compilation thread: the compilation fails, the connection stays.
void endConnection(SweptWorld& world, const SweptConversation& conversation, std::uint64_t query,
                   Problems& problems) {
  const Dialect& dialect = *conversation.dialect;
  RawClient client(world.runtime, world.connect(false), conversation.dialect);
  if (!client.compileUpTo(conversation.swept(), world.victim_uid, query - 1)) {
    problems.push_back("the compilation ended before that query");
    return;
  }
  client.stream().writeError(dialect.connection_terminate);
  const std::uint16_t type = client.stream().read();
  if (type != dialect.compilation_failure) {
    problems.push_back(fmt::format("came {}, expected compilationFailure", dialect.typeName(type)));
  }
  if (client.compileUpTo(conversation.compilations.back(), world.victim_uid, ~std::uint64_t{0})) {
    problems.push_back("the next compilation on that connection did not end");
  }
  client.stream().writeError(dialect.connection_terminate);
  if (const std::string end = client.readEnd(); !end.empty())
    problems.push_back("instead of the end: " + end);
  RawClient goodbye(world.runtime, world.connect(false), conversation.dialect);
  goodbye.stream().writeClientSessionTerminate(world.victim_uid);
  if (const std::string end = goodbye.readEnd(); !end.empty())
    problems.push_back("instead of the end: " + end);
}

SweepVerdict goodbyeOfConnection(const SweptConversation& conversation, const SweepOptions& options,
                                 std::uint64_t query) {
  Problems problems;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.strange_client = [&](SweptWorld& world) {
    try {
      endConnection(world, conversation, query, problems);
    } catch (const StreamException& exception) {
      problems.emplace_back(exception.what());
    }
  };
  const SweptRun run = runSwept(conversation, run_options);
  append(problems, run.problems);
  if (run.server_victim.size() != 2) {
    problems.push_back(
        fmt::format("the server reports {} compilations, expected 2", run.server_victim.size()));
  } else {
    const ServerCompilationReport& report = run.server_victim[0];
    if (report.outcome != CompilationOutcome::failed || report.as_asked || report.queries != query - 1) {
      problems.push_back(
          fmt::format("the server says that it is {} after {} queries, expected failed after {}: {}",
                      toString(report.outcome), report.queries, query - 1, report.detail));
    }
    if (run.server_victim[1].outcome != CompilationOutcome::compiled) {
      problems.push_back("the server says that the next one is not compiled: " + run.server_victim[1].detail);
    }
  }
  return {.problems = std::move(problems), .messages = run.messages};
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  std::vector<SweepPoint> all;
  for (std::uint64_t query = 1; query <= conversation.swept().queries.size(); ++query) {
    const std::string number = std::to_string(query);
    all.push_back(
        {.coordinates = {{"query", number}, {"of", "session"}},
         .run = [&conversation, options, query] { return goodbyeOfSession(conversation, options, query); }});
    all.push_back(
        {.coordinates = {{"query", number}, {"of", "connection"}}, .run = [&conversation, options, query] {
           return goodbyeOfConnection(conversation, options, query);
         }});
  }
  return all;
}

}  // namespace

constinit const Sweep kGoodbyeSweep{.name = "goodbye",
                                    .sentence =
                                        "A goodbye comes during each query: of the client JVM, whose session "
                                        "lives as long as it is used, or of "
                                        "the connection, where an answer was due.",
                                    .axes = kAxes,
                                    .points = points};

}  // namespace jitrig
