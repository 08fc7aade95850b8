#include "fakecompiler/script.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/random_stream.h"
#include "protocol/stream/server_states.h"

namespace jitrig {
namespace {

/// Every compilation asks for its method first, then mostly about classes; all releases know these.
constexpr std::array<std::string_view, 6> kDefaultQueries{
    "mirrorResolvedJ9Method",  "ResolvedMethod_getRemoteROMClassAndMethods",
    "VM_isClassLibraryMethod", "ResolvedMethod_isSubjectToPhaseChange",
    "VM_isClassArray",         "CompInfo_getInvocationCount",
};
constexpr std::size_t kDefaultCodeSize = 240;

/// How a crash is told.
constexpr std::array<std::string_view, 2> kCrashQueries{"jitDumpPrintIL", "compilationThreadCrashed"};

/// Null if it is large, or cannot be encoded: that fails the compilation that asks it, and no other.
std::shared_ptr<const Message> encode(std::uint16_t type, std::span<const Value> values) {
  constexpr std::size_t kMaxBytes = 4096;
  try {
    auto message = std::make_shared<Message>(type);
    addValues(*message, values);
    return message->size() > kMaxBytes ? nullptr : message;
  } catch (const std::length_error&) {
    return nullptr;
  }
}

}  // namespace

std::shared_ptr<const Script> encodeOnce(Script script) {
  for (ScriptedCompilation& compilation : script.compilations) {
    for (ScriptQuery& query : compilation.queries) encodeOnce(query);
    ScriptEnd& end = compilation.end;
    if (end.kind == ScriptEnd::Kind::message) end.encoded = encode(end.type, end.values);
  }
  return std::make_shared<const Script>(std::move(script));
}

void encodeOnce(ScriptQuery& query) {
  query.encoded = encode(query.type, query.values);
}

std::vector<Value> defaultRequest(const MessageType& type) {
  if (!type.request || type.request->empty()) return {Value::Object{{std::byte{0}}}};
  return defaultValues(*type.request);
}

std::optional<ScriptQuery> makeQuery(const Dialect& dialect, std::string_view name) {
  const MessageType* type = dialect.table->find(name);
  if (type == nullptr || type->direction != MessageType::Direction::query) return std::nullopt;
  ScriptQuery query;
  query.type = type->number;
  query.values = defaultRequest(*type);
  query.expected_reply = type->reply;
  return query;
}

ScriptEnd makeCode(const Dialect& dialect, std::size_t code_size_bytes) {
  ScriptEnd end = makeFinalMessage(dialect, *dialect.table->find(dialect.compilation_code));
  RandomStream bytes(code_size_bytes);
  std::string code;
  for (std::size_t i = 0; i < code_size_bytes; ++i) code.push_back(static_cast<char>(bytes.draw()));
  if (end.values[0].type() == DataType::STRING) end.values[0] = Value::String{std::move(code)};
  return end;
}

ScriptEnd makeFinalMessage(const Dialect& dialect, const MessageType& type) {
  ScriptEnd end;
  end.type = type.number;
  end.values = defaultRequest(type);
  end.says_states = true;
  putServerStates(dialect, end.type, end.values, ServerStates{});
  return end;
}

bool addCrash(const Dialect& dialect, ScriptedCompilation& compilation) {
  for (const std::string_view name : kCrashQueries) {
    auto query = makeQuery(dialect, name);
    if (!query) return false;
    compilation.queries.push_back(std::move(*query));
  }
  compilation.end = {.kind = ScriptEnd::Kind::crash, .type = 0, .values = {}};
  return true;
}

std::span<const ScriptQuery> queriesBeforeCrash(const ScriptedCompilation& compilation) {
  const std::span<const ScriptQuery> queries(compilation.queries);
  if (compilation.end.kind != ScriptEnd::Kind::crash) return queries;
  return queries.first(queries.size() - kCrashQueries.size());
}

ScriptedCompilation makeJitDump(const Dialect& dialect, const ScriptedCompilation& crashed) {
  const auto queries = queriesBeforeCrash(crashed);
  return {.name = crashed.name,
          .request = std::nullopt,
          .ask_session_queries = false,
          .queries = {queries.begin(), queries.end()},
          .end = makeCode(dialect, kDefaultCodeSize)};
}

ScriptEnd makeFailure(const Dialect& dialect, std::uint32_t status) {
  constexpr std::uint64_t kNothing = ~std::uint64_t{0};
  ScriptEnd end = makeFailure(dialect, status, kNothing);
  end.says_states = true;
  putServerStates(dialect, end.type, end.values, ServerStates{});
  return end;
}

ScriptEnd makeFailure(const Dialect& dialect, std::uint32_t status, std::uint64_t other) {
  ScriptEnd end;
  end.type = dialect.compilation_failure;
  end.values = {status};
  if (dialect.compilation_failure_arity > 1) end.values.emplace_back(other);
  return end;
}

Script defaultScript(const Dialect& dialect) {
  ScriptedCompilation compilation;
  compilation.name = "default";
  compilation.ask_session_queries = true;
  for (const std::string_view name : kDefaultQueries) {
    if (auto query = makeQuery(dialect, name)) compilation.queries.push_back(std::move(*query));
  }
  compilation.end = makeCode(dialect, kDefaultCodeSize);
  Script script;
  script.compilations.push_back(std::move(compilation));
  return script;
}

}  // namespace jitrig
