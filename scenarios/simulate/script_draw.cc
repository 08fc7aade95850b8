#include "scenarios/simulate/script_draw.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/simulate/generator_streams.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxDrawnQueries = 64;
constexpr std::uint64_t kMaxDrawnStringBytes = 20'000;
constexpr std::uint64_t kMaxDrawnCodeBytes = 60'000;

/// What no compilation asks that goes well: who the server is, which it tells when a session begins (with
/// zeros it would be another one each time), and what it says of a compilation thread that crashed.
constexpr std::string_view kOutOfPlace[] = {"getUnloadedClassRangesAndCHTable", "jitDumpPrintIL",
                                            "compilationThreadCrashed"};

/// The queries that the release's server asks in compilations, with type-correct zeros. Made once per
/// dialect: there are hundreds.
const std::vector<ScriptQuery>& queriesOf(const std::shared_ptr<const Dialect>& dialect) {
  static std::map<std::string, std::vector<ScriptQuery>> known;  // by release and build
  const MessageTable& table = *dialect->table;
  std::vector<ScriptQuery>& queries = known[table.release().name + toString(table.build())];
  if (!queries.empty()) return queries;
  for (const MessageType& type : table.types()) {
    if (type.direction != MessageType::Direction::query || !type.server_sends || type.unused) continue;
    if (!type.request || !type.reply || !type.has_reply) continue;
    if (std::ranges::find(kOutOfPlace, type.name) != std::end(kOutOfPlace)) continue;
    if (auto query = makeQuery(*dialect, type.name)) queries.push_back(std::move(*query));
  }
  return queries;
}

/// Few random bytes, repeated: what matters is how many there are, and that neighbours differ.
std::string drawBytes(RandomStream& random, std::uint64_t size) {
  std::string bytes(size, '\0');
  const std::uint64_t pattern = random.draw();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>((pattern >> (8 * (i % 8))) + i / 8);
  }
  return bytes;
}

/// Strings get a size, so that messages of all sizes occur: below, at and far above a link's buffer.
void drawSizes(RandomStream& random, std::vector<Value>& values) {
  for (Value& value : values) {
    if (value.type() != DataType::STRING || !random.chance(1, 4)) continue;
    const std::uint64_t size = drawWild(random, 0, kMaxDrawnStringBytes);
    value = Value::String{drawBytes(random, size)};
  }
}

ScriptEnd drawEnd(RandomStream& random, const Dialect& dialect) {
  if (random.chance(1, 12)) return makeFailure(dialect, 1);
  return makeCode(dialect, drawWild(random, 1, random.chance(1, 8) ? kMaxDrawnCodeBytes : 2'000));
}

ScriptedCompilation drawCompilation(RandomStream& random, const Dialect& dialect,
                                    const std::vector<ScriptQuery>& known, std::uint64_t number) {
  ScriptedCompilation compilation;
  compilation.name = fmt::format("drawn {}", number);
  compilation.ask_session_queries = random.chance(1, 2);
  const std::uint64_t queries =
      random.chance(1, 10) ? random.below(3) : drawBetween(random, 8, kMaxDrawnQueries);
  compilation.queries.reserve(queries);
  for (std::uint64_t i = 0; i < queries; ++i) {
    compilation.queries.push_back(drawOne<ScriptQuery>(random, known));
    drawSizes(random, compilation.queries.back().values);
  }
  compilation.end = drawEnd(random, dialect);
  return compilation;
}

}  // namespace

Script drawScript(RandomStream& random, const std::shared_ptr<const Dialect>& dialect) {
  const std::vector<ScriptQuery>& known = queriesOf(dialect);
  Script script;
  const std::uint64_t count = drawBetween(random, 1, 3);
  for (std::uint64_t i = 0; i < count; ++i) {
    script.compilations.push_back(drawCompilation(random, *dialect, known, i + 1));
  }
  return script;
}

std::uint64_t messagesPerCompilation(const Script& script) {
  std::uint64_t messages = 0;
  for (const ScriptedCompilation& compilation : script.compilations) {
    messages += 2 + 2 * compilation.queries.size();
  }
  return messages / script.compilations.size();
}

}  // namespace jitrig
