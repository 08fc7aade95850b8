#include <fmt/format.h>

#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxMethods = 1'000'000;

}  // namespace

void readAOTCache(const ScenarioFileContext& context, const YamlNode& node, ScenarioServer& server) {
  context.yaml.requireMap(node, "an AOT cache",
                          {"max_bytes", "folder", "min_new_methods", "min_save_interval_ms"});
  AOTCacheOptions& cache = server.aot_cache;
  cache.enabled = true;
  if (const YamlNode* value = node.find("max_bytes"))
    cache.max_bytes = context.yaml.number(*value, "max_bytes", 0, kMaxBytes);
  if (const YamlNode* value = node.find("folder"))
    server.aot_cache_folder = context.yaml.text(*value, "folder");
  if (const YamlNode* value = node.find("min_new_methods"))
    cache.min_new_methods = context.yaml.number(*value, "min_new_methods", 1, kMaxMethods);
  if (const YamlNode* value = node.find("min_save_interval_ms")) {
    cache.min_save_interval_ms =
        static_cast<std::int64_t>(context.yaml.number(*value, "min_save_interval_ms", 0, kLongestTimeMs));
  }
}

AOTUse readAOTUse(const ScenarioFileContext& context, const YamlNode& node) {
  context.yaml.requireMap(node, "the use of an AOT cache",
                          {"load", "store", "map", "ignores_local", "cache", "record_ms"});
  AOTUse use{.load = true, .store = true};
  const std::pair<std::string_view, bool*> flags[] = {
      {"load", &use.load}, {"store", &use.store}, {"map", &use.map}, {"ignores_local", &use.ignores_local}};
  for (const auto& [key, flag] : flags) {
    if (const YamlNode* value = node.find(key)) *flag = context.yaml.flag(*value, key);
  }
  if (!use.any()) context.yaml.fail(node, "load and store: one of them must be true");
  if (const YamlNode* value = node.find("cache")) use.cache = context.yaml.text(*value, "cache");
  if (const YamlNode* value = node.find("record_ms"))
    use.record_ms = static_cast<std::int64_t>(context.yaml.number(*value, "record_ms", 0, kLongestTimeMs));
  return use;
}

}  // namespace jitrig
