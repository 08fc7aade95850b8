#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/file/read_scenario.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMaxMiB = std::uint64_t{1} << 30U;

class ServerMemoryReader {
 public:
  ServerMemoryReader(const ScenarioFileContext& context, const YamlNode& node)
      : yaml_(context.yaml), node_(node) {}

  ServerMemoryOptions read() const {
    yaml_.requireMap(node_, "memory",
                     {"free_mib", "free", "scratch_space_mib", "session_mib", "compilation_mib", "states"});
    ServerMemoryOptions memory;
    memory.free_at_start_bytes = mebibytes(node_, "free_mib", memory.free_at_start_bytes, 1);
    memory.scratch_space_bytes = mebibytes(node_, "scratch_space_mib", memory.scratch_space_bytes, 1);
    memory.session_bytes = mebibytes(node_, "session_mib", 0);
    memory.compilation_bytes = mebibytes(node_, "compilation_mib", 0);
    if (const YamlNode* free = node_.find("free")) {
      for (const auto& item : yaml_.list(*free, "free", kMaxScenarioEntries)) {
        memory.steps.push_back(readStep(*item, memory.steps));
      }
    }
    if (const YamlNode* states = node_.find("states")) {
      for (const auto& item : yaml_.list(*states, "states", kMaxScenarioEntries)) {
        memory.spans.push_back(readSpan(*item));
      }
    }
    return memory;
  }

 private:
  FreeMemoryStep readStep(const YamlNode& node, const std::vector<FreeMemoryStep>& before) const {
    yaml_.requireMap(node, "free memory", {"at_ms", "mib"});
    const FreeMemoryStep step{.at_ms = milliseconds(node, "at_ms"), .free_bytes = mebibytes(node, "mib")};
    if (!before.empty() && step.at_ms <= before.back().at_ms)
      yaml_.fail(node,
                 fmt::format("at_ms: must be later than {}, which stands before it", before.back().at_ms));
    return step;
  }

  MemoryStateSpan readSpan(const YamlNode& node) const {
    yaml_.requireMap(node, "a memory state", {"state", "from_ms", "to_ms", "fails"});
    MemoryStateSpan span;
    span.from_ms = milliseconds(node, "from_ms");
    span.to_ms = milliseconds(node, "to_ms");
    if (span.to_ms <= span.from_ms) yaml_.fail(node, "to_ms: must be later than from_ms");
    const std::string& name = yaml_.text(required(node, "state"), "state");
    const auto state = parseServerMemoryState(name);
    const std::vector<std::string> known{"very_low", "low", "normal"};
    if (!state) yaml_.fail(*node.find("state"), unknownName("memory state", name, known));
    span.state = *state;
    if (const YamlNode* fails = node.find("fails")) span.fails = yaml_.flag(*fails, "fails");
    return span;
  }

  const YamlNode& required(const YamlNode& node, std::string_view key) const {
    const YamlNode* value = node.find(key);
    if (value == nullptr) yaml_.fail(node, fmt::format("'{}' is missing", key));
    return *value;
  }

  std::int64_t milliseconds(const YamlNode& node, std::string_view key) const {
    return static_cast<std::int64_t>(yaml_.number(required(node, key), key, 0, kLongestTimeMs));
  }

  std::uint64_t mebibytes(const YamlNode& node, std::string_view key) const {
    return kMiB * yaml_.number(required(node, key), key, 0, kMaxMiB);
  }
  std::uint64_t mebibytes(const YamlNode& node, std::string_view key, std::uint64_t usual_bytes,
                          std::uint64_t min_mib = 0) const {
    const YamlNode* value = node.find(key);
    return value != nullptr ? kMiB * yaml_.number(*value, key, min_mib, kMaxMiB) : usual_bytes;
  }

  const YamlReader& yaml_;
  const YamlNode& node_;
};

}  // namespace

ServerMemoryOptions readServerMemory(const ScenarioFileContext& context, const YamlNode& node) {
  return ServerMemoryReader(context, node).read();
}

}  // namespace jitrig
