#include "fakecompiler/script_from_recording.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "capture/recorded_compilation.h"
#include "protocol/catalogue/data_point_fit.h"

namespace jitrig {
namespace {

ScriptQuery scriptQuery(const RecordedQuery& recorded, const Dialect& dialect) {
  ScriptQuery query;
  query.type = recorded.type;
  query.values = recorded.values;
  const MessageType* type = dialect.table->find(recorded.type);
  if (type != nullptr) query.expected_reply = type->reply;
  if (recorded.answer == RecordedQuery::Answer::reply) {
    query.recorded_reply = recorded.reply;
    if (query.expected_reply && checkDataPoints(recorded.reply, *query.expected_reply))
      query.expected_reply.reset();
  }
  return query;
}

ScriptEnd scriptEnd(const RecordedCompilation& recorded) {
  if (recorded.end) {
    return {.kind = ScriptEnd::Kind::message, .type = recorded.end->type, .values = recorded.end->values};
  }
  const bool server_was_due =
      recorded.queries.empty() || recorded.queries.back().answer == RecordedQuery::Answer::reply;
  return {
      .kind = server_was_due ? ScriptEnd::Kind::recordedServerStops : ScriptEnd::Kind::recordedClientStops,
      .type = 0,
      .values = {}};
}

/// What was answered to AOTCacheMap_request, each on a connection of its own.
std::map<std::string, std::vector<Value>> aotCacheMaps(const Conversation& conversation,
                                                       const Dialect& dialect) {
  std::map<std::string, std::vector<Value>> maps;
  std::map<std::uint32_t, std::string> asked;
  for (const ConversationMessage& recorded : conversation.messages) {
    const Message& message = recorded.message;
    if (message.type() == dialect.aot_cache_map_request) {
      const auto values = toValues(message);
      const auto* name = values.empty() ? nullptr : values[0].get<Value::String>();
      if (name != nullptr) asked[recorded.connection] = name->bytes;
    } else if (message.type() == dialect.aot_cache_map_reply && asked.contains(recorded.connection)) {
      maps.try_emplace(asked[recorded.connection], toValues(message));
    }
  }
  return maps;
}

/// The usual reason why nothing can be found.
std::string encryptedConnections(const Conversation& conversation) {
  const auto encrypted =
      std::ranges::count(conversation.connections, ConnectionKind::tls, &ConversationConnection::kind);
  if (encrypted == 0) return "";
  return fmt::format("; {} of its {} connections are TLS, which cannot be read", encrypted,
                     conversation.connections.size());
}

}  // namespace

std::expected<Script, std::string> scriptFromRecording(const Conversation& conversation,
                                                       const Dialect& dialect) {
  Script script;
  for (const RecordedCompilation& recorded : recordedCompilations(conversation, dialect)) {
    ScriptedCompilation compilation;
    compilation.name = fmt::format("recorded compilation {}", script.compilations.size());
    compilation.request = recorded.request;
    for (const RecordedQuery& query : recorded.queries)
      compilation.queries.push_back(scriptQuery(query, dialect));
    compilation.end = scriptEnd(recorded);
    script.compilations.push_back(std::move(compilation));
  }
  script.aot_cache_maps = aotCacheMaps(conversation, dialect);
  if (script.compilations.empty()) {
    return std::unexpected(fmt::format("holds no {} of release {}{}",
                                       dialect.typeName(dialect.compilation_request),
                                       dialect.table->release().name, encryptedConnections(conversation)));
  }
  return script;
}

}  // namespace jitrig
