#include <algorithm>
#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Frames are counted per direction and connection, so the same message has the same index at both ends as
/// long as nothing altered them.
void compare(Judgement& judgement, ExchangeReference client_reference, ExchangeReference server_reference) {
  const Exchange& client = judgement.exchange(client_reference);
  const Exchange& server = judgement.exchange(server_reference);
  const auto find = [&](const std::string& what) {
    judgement.find(fmt::format("{}: {}", judgement.textOf(client_reference), what),
                   {{.end = client_reference.end, .order = client.last_order},
                    {.end = server_reference.end, .order = server.last_order}});
  };
  if (client.request != server.request) {
    return find(fmt::format("its request is message {} of the client, the server took message {} for it",
                            client.request + 1, server.request + 1));
  }
  if (client.identity != server.identity) find("the server took another compilation's request for it");
  const std::size_t both = std::min(client.questions.size(), server.questions.size());
  for (std::size_t i = 0; i < both; ++i) {
    const Question& asked = server.questions[i];
    const Question& answered = client.questions[i];
    if (asked.query != answered.query) {
      return find(fmt::format("query {} is message {} of the server, the client answered message {}", i + 1,
                              asked.query + 1, answered.query + 1));
    }
    if (asked.reply && answered.reply && asked.reply != answered.reply) {
      return find(fmt::format("the reply to query {} is message {} of the client, the server took message {}",
                              i + 1, *answered.reply + 1, *asked.reply + 1));
    }
  }
  if (client.questions.size() > server.questions.size()) {
    find(fmt::format("the client answered {} queries, the server asked {}", client.questions.size(),
                     server.questions.size()));
  }
  if (client.final_message && server.final_message && client.final_message != server.final_message) {
    find(fmt::format("it was ended by message {} of the server, the client took message {}",
                     *server.final_message + 1, *client.final_message + 1));
  }
}

void check(Judgement& judgement) {
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::server) continue;
    const RecordedConnection& connection = judgement.record().connections[history.end.connection];
    const Touched& touched = judgement.disturbances().connection(connection.index);
    if (touched.alters_ns != Touched::kUntouched || !connection.hasBothEnds()) continue;
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      const ExchangeReference server{.end = history.end, .exchange = i};
      if (judgement.counterpart(server) == nullptr) continue;
      compare(judgement, {.end = {.connection = connection.index, .local = Direction::client}, .exchange = i},
              server);
    }
  }
}

}  // namespace

const Checker kOwnReplies{
    "own_replies", "No request, query, reply or final message reaches another compilation than its own.",
    check};

}  // namespace jitrig
