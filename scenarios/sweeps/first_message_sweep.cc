#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/message_text.h"
#include "protocol/stream/server_stream.h"
#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/raw_client.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 3> kAxes{{
    {"to", "server: a client's first message; client: the first answer to its first request"},
    {"type", "the number of the message's type: all of the release, and some beyond"},
    {"data-points", "right: those of the release; none; one: an int32"},
}};

using Problems = std::vector<std::string>;

enum class DataPoints : std::uint8_t { right, none, one };
constexpr std::array<std::string_view, 3> kDataPoints{"right", "none", "one"};

struct FirstMessage {
  std::uint16_t type = 0;
  DataPoints data_points = DataPoints::right;
};

std::vector<Value> valuesOf(const FirstMessage& first, const Dialect& dialect) {
  if (first.data_points == DataPoints::none) return {};
  if (first.data_points == DataPoints::one) return {Value(std::int32_t{1})};
  const MessageType* type = dialect.table->find(first.type);
  if (type != nullptr && isBodyless(*type)) return {};
  return type != nullptr && type->request ? defaultValues(*type->request)
                                          : std::vector<Value>{Value::Object{{std::byte{0}}}};
}

/// Whether they are what the release says. What it does not say fits.
bool fits(const FirstMessage& first, const Dialect& dialect) {
  const MessageType* type = dialect.table->find(first.type);
  if (type == nullptr) return false;
  if (isBodyless(*type)) return valuesOf(first, dialect).empty();
  return !type->request || !checkDataPoints(valuesOf(first, dialect), *type->request);
}

/// What a server says to a first message; nullopt: nothing, it closes.
std::optional<std::uint16_t> dueFromServer(const FirstMessage& first, const Dialect& dialect) {
  const bool right = fits(first, dialect);
  const std::uint16_t type = first.type;
  if (dialect.bodyless.contains(type) && !right) return std::nullopt;  // no message at all
  if (type == dialect.connection_terminate || type == dialect.client_session_terminate) return std::nullopt;
  if (type == dialect.aot_cache_map_request) return right ? dialect.aot_cache_map_reply : std::nullopt;
  if (type == dialect.compilation_request && !right) return std::nullopt;
  return dialect.compilation_failure;
}

/// A request is served: whatever comes then is in order.
void expectServed(RawClient& client, Problems& problems) {
  const Dialect& dialect = client.stream().dialect();
  const std::uint16_t type = client.stream().read();
  const MessageType* known = dialect.table->find(type);
  if (dialect.endsCompilation(type) ||
      (known != nullptr && known->direction == MessageType::Direction::query))
    return;
  problems.push_back(fmt::format("the request is answered by {}", dialect.typeName(type)));
}

void expectReaction(RawClient& client, const FirstMessage& first, Problems& problems) {
  const Dialect& dialect = client.stream().dialect();
  if (const auto due = dueFromServer(first, dialect)) {
    const std::uint16_t type = client.stream().read();
    const auto values = toValues(client.stream().message());
    if (type != *due) {
      problems.push_back(fmt::format(
          "came {}, expected {}", toText(client.stream().message(), *dialect.table), dialect.typeName(*due)));
    } else if (type == dialect.compilation_failure &&
               values.front() != Value(dialect.status_message_type_mismatch)) {
      problems.push_back(fmt::format("came {}, expected status {}",
                                     toText(client.stream().message(), *dialect.table),
                                     dialect.status_message_type_mismatch));
    }
  }
  if (const std::string end = client.readEnd(); !end.empty()) {
    problems.push_back("the server does not close: " + end);
  }
}

SweepVerdict sendToServer(const SweptConversation& conversation, const SweepOptions& options,
                          const FirstMessage& first) {
  const Dialect& dialect = *conversation.dialect;
  Problems problems;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.strange_client = [&](SweptWorld& world) {
    RawClient client(world.runtime, world.connect(false), conversation.dialect);
    try {
      client.stream().write(first.type, valuesOf(first, dialect));
      if (first.type == dialect.compilation_request && fits(first, dialect)) {
        expectServed(client, problems);
      } else {
        expectReaction(client, first, problems);
      }
    } catch (const StreamException& exception) {
      problems.emplace_back(exception.what());
    }
  };
  const SweptRun run = runSwept(conversation, run_options);
  append(problems, run.problems);
  const bool is_goodbye = fits(first, dialect) && (first.type == dialect.connection_terminate ||
                                                   first.type == dialect.client_session_terminate ||
                                                   first.type == dialect.aot_cache_map_request);
  const bool is_served = fits(first, dialect) && first.type == dialect.compilation_request;
  const auto failures = std::ranges::count(run.stream_ends, true, &StreamEndReport::failure);
  if (failures != (is_goodbye || is_served ? 0 : 1)) {
    problems.push_back(fmt::format("the server reports {} streams that failed", failures));
  }
  return {.problems = std::move(problems), .messages = run.messages};
}

/// What the client makes of it.
struct Outcome {
  std::vector<CompilationResult> results;  ///< any of these
  bool answers = false;
  bool keeps_stream = false;  ///< and meets its end with the next compilation
};

Outcome dueFromClient(const FirstMessage& first, const Dialect& dialect) {
  using enum CompilationResult;
  const MessageType* type = dialect.table->find(first.type);
  if (type == nullptr || !fits(first, dialect)) return {.results = {terminated}};
  if (first.type == dialect.compilation_failure) return {.results = {failed}, .keeps_stream = true};
  if (type->name == "AOTCache_failure") return {.results = {failed}};
  if (dialect.endsCompilation(first.type)) return {.results = {compiled}, .keeps_stream = true};
  if (type->direction != MessageType::Direction::query) return {.results = {terminated}};
  // These two tell of a crash, and nothing more is waited for.
  const bool crash = type->name == "compilationThreadCrashed" || type->name == "jitDumpPrintIL";
  return {.results = {crash ? failed : terminated}, .answers = true};
}

/// The server's part, up to its end of the connection.
void answerRequest(ServerStream& stream, const FirstMessage& first, bool expects_answer, Problems& problems) {
  stream.readCompileRequestMessage();
  stream.write(first.type, valuesOf(first, stream.dialect()));
  if (!expects_answer) return;
  const Message& reply = stream.readReply();
  const MessageType* type = stream.dialect().table->find(first.type);
  if (!type->reply) return;
  if (const auto misfit = checkDataPoints(toValues(reply), *type->reply)) {
    problems.push_back("the client's answer: " + toString(*misfit));
  }
}

SweepVerdict sendToClient(const SweptConversation& conversation, const SweepOptions& options,
                          const FirstMessage& first) {
  const Outcome due = dueFromClient(first, *conversation.dialect);
  Problems problems;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.strange_server = [&](SweptWorld& world, std::unique_ptr<ByteStream> bytes) {
    ServerStreamOptions stream_options;
    stream_options.accept_any_version = true;
    ServerStream stream(world.runtime, std::move(bytes), conversation.dialect, stream_options);
    try {
      answerRequest(stream, first, due.answers, problems);
      if (due.answers || due.keeps_stream) return;                         // ends the connection
      stream.waitReadable(world.runtime.now() + std::chrono::minutes(5));  // the client ends it
    } catch (const StreamException& exception) {
      problems.push_back(fmt::format("the strange server: {}", exception.what()));
    }
  };
  const SweptRun run = runSwept(conversation, run_options);
  append(problems, run.problems);
  for (const CompilationReport& report : run.victim) {
    std::vector<CompilationResult> expected{CompilationResult::compiled};
    if (report.number == 0) expected = due.results;
    if (report.number == 1 && due.keeps_stream) expected = {CompilationResult::terminated};
    if (std::ranges::find(expected, report.result) != expected.end()) continue;
    problems.push_back(fmt::format("compilation {} is {}, expected {}: {}", report.number + 1,
                                   toString(report.result), toString(expected.front()), report.detail));
  }
  if (run.victim.size() != conversation.compilations.size())
    problems.emplace_back("compilations are missing");
  return {.problems = std::move(problems), .messages = run.messages};
}

std::vector<std::uint16_t> typesOf(const MessageTable& table) {
  std::vector<std::uint16_t> types;
  for (std::uint32_t type = 0; type < table.maxtype() + 4; ++type)
    types.push_back(static_cast<std::uint16_t>(type));
  for (const std::uint32_t beyond : {0x100U, 0x7fffU, 0x8000U, 0xffffU}) {
    types.push_back(static_cast<std::uint16_t>(beyond));
  }
  return types;
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  std::vector<SweepPoint> all;
  for (const bool to_server : {true, false}) {
    for (const std::uint16_t type : typesOf(*conversation.dialect->table)) {
      for (std::size_t i = 0; i < kDataPoints.size(); ++i) {
        const FirstMessage first{.type = type, .data_points = static_cast<DataPoints>(i)};
        all.push_back({.coordinates = {{"to", to_server ? "server" : "client"},
                                       {"type", std::to_string(type)},
                                       {"data-points", std::string(kDataPoints[i])}},
                       .run = [&conversation, options, first, to_server] {
                         return to_server ? sendToServer(conversation, options, first)
                                          : sendToClient(conversation, options, first);
                       }});
      }
    }
  }
  return all;
}

}  // namespace

constinit const Sweep kFirstMessageSweep{
    .name = "first-message",
    .sentence =
        "Every message type of the release, and numbers beyond, is the first that a server hears from a "
        "client, and a client from a server, with right and wrong data points.",
    .axes = kAxes,
    .points = points};

}  // namespace jitrig
