#include "capture/recorded_compilation.h"

#include <map>

namespace jitrig {
namespace {

/// Follows each connection through the grammar of wire.md, "Conversation rules".
class CompilationReader {
 public:
  explicit CompilationReader(const Dialect& dialect) : dialect_(dialect) {}

  void take(const ConversationMessage& recorded) {
    if (recorded.direction == Direction::client) {
      takeFromClient(recorded);
    } else {
      takeFromServer(recorded);
    }
  }

  std::vector<RecordedCompilation> result() && { return std::move(compilations_); }

 private:
  void takeFromClient(const ConversationMessage& recorded) {
    const Message& message = recorded.message;
    if (message.type() == dialect_.compilation_request) {
      current_[recorded.connection] = compilations_.size();
      compilations_.push_back({.connection = recorded.connection,
                               .announced = {message.version(), message.config()},
                               .request = toValues(message),
                               .queries = {},
                               .end = std::nullopt});
      return;
    }
    RecordedCompilation* compilation = current(recorded.connection);
    if (compilation == nullptr || compilation->queries.empty()) return;
    RecordedQuery& query = compilation->queries.back();
    if (message.type() == dialect_.compilation_interrupted) {
      query.answer = RecordedQuery::Answer::interrupted;
      current_.erase(recorded.connection);
    } else if (message.type() == query.type && query.answer == RecordedQuery::Answer::none) {
      query.answer = RecordedQuery::Answer::reply;
      query.reply = toValues(message);
    }
  }

  void takeFromServer(const ConversationMessage& recorded) {
    RecordedCompilation* compilation = current(recorded.connection);
    if (compilation == nullptr) return;
    const std::uint16_t type = recorded.message.type();
    if (dialect_.endsCompilation(type)) {
      compilation->end = RecordedFinal{.type = type, .values = toValues(recorded.message)};
      current_.erase(recorded.connection);
    } else {
      compilation->queries.push_back({.type = type,
                                      .values = toValues(recorded.message),
                                      .answer = RecordedQuery::Answer::none,
                                      .reply = {}});
    }
  }

  RecordedCompilation* current(std::uint32_t connection) {
    const auto found = current_.find(connection);
    return found == current_.end() ? nullptr : &compilations_[found->second];
  }

  const Dialect& dialect_;
  std::vector<RecordedCompilation> compilations_;
  std::map<std::uint32_t, std::size_t> current_;  ///< connection -> the compilation in progress on it
};

}  // namespace

std::vector<RecordedCompilation> recordedCompilations(const Conversation& conversation,
                                                      const Dialect& dialect) {
  CompilationReader reader(dialect);
  for (const ConversationMessage& message : conversation.messages) reader.take(message);
  return std::move(reader).result();
}

}  // namespace jitrig
