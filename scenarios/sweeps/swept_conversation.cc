#include "scenarios/sweeps/swept_conversation.h"

#include <fmt/format.h>
#include <utility>

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "fakecompiler/script_from_recording.h"
#include "fakevm/default_frontend.h"

namespace jitrig {
namespace {

/// Queries of which an ordinary compilation consists: those that tell of a crash would end it.
bool isOrdinaryQuery(const MessageType& type) {
  return type.direction == MessageType::Direction::query && type.request && type.reply && !type.unused &&
         type.name != "compilationThreadCrashed" && type.name != "jitDumpPrintIL";
}

std::vector<ScriptQuery> madeQueries(const Dialect& dialect, std::uint64_t count) {
  std::vector<ScriptQuery> queries;
  const auto& types = dialect.table->types();
  for (std::size_t i = 0; queries.size() < count; i = (i + 1) % types.size()) {
    if (isOrdinaryQuery(types[i])) queries.push_back(*makeQuery(dialect, types[i].name));
  }
  return queries;
}

/// The client's side of a script: default replies.
RecordedCompilation recordedAs(const ScriptedCompilation& scripted, const Dialect& dialect) {
  RecordedCompilation recorded;
  recorded.request = *scripted.request;
  for (const ScriptQuery& query : scripted.queries) {
    recorded.queries.push_back({.type = query.type,
                                .values = query.values,
                                .answer = RecordedQuery::Answer::reply,
                                .reply = defaultReply(dialect, query.type)});
  }
  recorded.end = {.type = scripted.end.type, .values = scripted.end.values};
  return recorded;
}

}  // namespace

std::expected<SweptConversation, std::string> SweptConversation::read(const std::string& path,
                                                                      std::shared_ptr<const Dialect> dialect,
                                                                      std::size_t compilation) {
  const auto file = readCaptureFile(path);
  if (!file) return std::unexpected(file.error());
  const Conversation conversation = conversationFromCapture(*file, *dialect);
  auto script = scriptFromRecording(conversation, *dialect);
  if (!script) return std::unexpected(fmt::format("{}: {}", path, script.error()));
  auto recorded = recordedCompilations(conversation, *dialect);

  SweptConversation swept;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (!recorded[i].end || recorded[i].end->type != dialect->compilation_code) continue;
    swept.compilations.push_back(std::move(recorded[i]));
    swept.script.compilations.push_back(std::move(script->compilations[i]));
  }
  if (compilation == 0 || compilation >= swept.compilations.size()) {
    return std::unexpected(
        fmt::format("{}: compilation {}: expected a number from 1 to {}: of its compilations {} ended with "
                    "compilationCode, and one more must come after the broken one",
                    path, compilation, swept.compilations.empty() ? 0 : swept.compilations.size() - 1,
                    swept.compilations.size()));
  }
  swept.compilation = compilation - 1;
  swept.dialect = std::move(dialect);
  swept.addOthers();
  return swept;
}

SweptConversation SweptConversation::make(std::shared_ptr<const Dialect> dialect, std::uint64_t messages) {
  SweptConversation swept;
  swept.dialect = std::move(dialect);
  swept.compilation = 1;
  for (const std::uint64_t queries : {std::uint64_t{2}, messages / 2 - 1, std::uint64_t{2}}) {
    swept.add(swept.compilations, swept.compilations.size(), queries);
  }
  swept.addOthers();
  return swept;
}

/// A compilation of that method, as both sides have it. No two methods' requests are equal, so each is served
/// what is meant for it.
void SweptConversation::add(std::vector<RecordedCompilation>& to, std::uint64_t method,
                            std::uint64_t queries) {
  ScriptedCompilation scripted;
  scripted.name = fmt::format("made compilation of method {}", method);
  scripted.request = DefaultFrontend(dialect).beginCompilation(method)->compilationRequest({});
  scripted.queries = madeQueries(*dialect, queries);
  scripted.end = makeCode(*dialect, 240);
  to.push_back(recordedAs(scripted, *dialect));
  script.compilations.push_back(std::move(scripted));
}

void SweptConversation::addOthers() {
  constexpr std::uint64_t kBystander = 100;
  constexpr std::uint64_t kFresh = 200;
  for (std::uint64_t i = 0; i < 2; ++i) add(bystanders, kBystander + i, 3);
  add(freshs, kFresh, 3);
}

}  // namespace jitrig
