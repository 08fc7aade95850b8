#include "fakecompiler/write_script.h"

#include <fmt/format.h>
#include <optional>
#include <span>
#include <stdexcept>

#include "fakecompiler/compilation.h"
#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

const MessageType& typeOf(const Dialect& dialect, std::uint16_t number) {
  const MessageType* type = dialect.table->find(number);
  if (type == nullptr) {
    throw std::invalid_argument(fmt::format("a script's message #{} is unknown to release {}", number,
                                            dialect.table->release().name));
  }
  return *type;
}

/// "(bool, int32)" without the brackets, as `expect` has it.
std::string expectText(const std::optional<std::vector<WireType>>& types) {
  if (!types) return "anything";
  const std::string text = toString(*types);
  return text.substr(1, text.size() - 2);
}

void writeQuery(YamlWriter& yaml, const ScriptQuery& query, std::size_t times, const Dialect& dialect) {
  const MessageType& type = typeOf(dialect, query.type);
  const auto usual = makeQuery(dialect, type.name);
  if (!usual) throw std::invalid_argument(fmt::format("{} is no query", type.name));
  const bool usual_data = query.values == usual->values;
  const bool usual_reply =
      query.expected_reply == usual->expected_reply || (!query.expected_reply && !usual->expected_reply);
  if (usual_data && usual_reply && times == 1) return yaml.item(type.name);
  yaml.openItem();
  yaml.entry("ask", type.name);
  if (!usual_data) yaml.entry("data", toText(query.values));
  if (!usual_reply) yaml.entry("expect", expectText(query.expected_reply));
  if (times > 1) yaml.entry("times", fmt::to_string(times));
  yaml.close();
}

/// Alike ones behind each other become one with `times`.
void writeQueries(YamlWriter& yaml, std::span<const ScriptQuery> queries, const Dialect& dialect) {
  if (queries.empty()) return;
  yaml.open("queries");
  for (std::size_t i = 0; i < queries.size();) {
    std::size_t times = 1;
    while (i + times < queries.size() && queries[i + times].type == queries[i].type &&
           queries[i + times].values == queries[i].values &&
           queries[i + times].expected_reply == queries[i].expected_reply) {
      ++times;
    }
    writeQuery(yaml, queries[i], times, dialect);
    i += times;
  }
  yaml.close();
}

bool isSame(const ScriptEnd& one, const ScriptEnd& other) {
  return one.type == other.type && one.values == other.values && one.says_states == other.says_states;
}

void writeFinalMessage(YamlWriter& yaml, const ScriptEnd& end, const Dialect& dialect) {
  if (end.type == dialect.compilation_code && !end.values.empty()) {
    const auto* code = end.values[0].get<Value::String>();
    if (code != nullptr && isSame(end, makeCode(dialect, code->bytes.size()))) {
      yaml.entry("end", "code");
      return yaml.entry("code_size_bytes", fmt::to_string(code->bytes.size()));
    }
  }
  if (end.type == dialect.compilation_failure && !end.values.empty()) {
    const auto* status = end.values[0].get<std::uint32_t>();
    if (status != nullptr && isSame(end, makeFailure(dialect, *status))) {
      yaml.entry("end", "failure");
      return yaml.entry("status", fmt::to_string(*status));
    }
  }
  const MessageType& type = typeOf(dialect, end.type);
  yaml.entry("end", type.name);
  if (!isSame(end, makeFinalMessage(dialect, type))) yaml.entry("data", toText(end.values));
}

void writeEnd(YamlWriter& yaml, const ScriptEnd& end, const Dialect& dialect) {
  switch (end.kind) {
    case ScriptEnd::Kind::message: return writeFinalMessage(yaml, end, dialect);
    case ScriptEnd::Kind::close: return yaml.entry("end", "close");
    case ScriptEnd::Kind::nothing: return yaml.entry("end", "nothing");
    case ScriptEnd::Kind::crash: return yaml.entry("end", "crash");
    case ScriptEnd::Kind::recordedClientStops:
    case ScriptEnd::Kind::recordedServerStops: return yaml.entry("end", "failure");
  }
}

}  // namespace

void writeScript(YamlWriter& yaml, const Script& script, const Dialect& dialect) {
  yaml.open("compilations");
  for (const ScriptedCompilation& compilation : script.compilations) {
    yaml.openItem();
    yaml.entry("name", compilation.name);
    if (compilation.ask_session_queries) yaml.entry("session_queries", "true");
    writeQueries(yaml, queriesBeforeCrash(compilation), dialect);
    writeEnd(yaml, compilation.end, dialect);
    yaml.close();
  }
  yaml.close();
}

}  // namespace jitrig
