#include <algorithm>
#include <fmt/format.h>

#include "scenarios/file/expected_count.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxUs = 3'600'000'000;          // an hour
constexpr std::uint64_t kLongestRunMs = 31'536'000'000;  // a year

std::vector<std::string> readTexts(const ScenarioFileContext& context, const YamlNode& node,
                                   std::string_view key) {
  std::vector<std::string> texts;
  for (const auto& item : context.yaml.list(node, key, kMaxScenarioEntries)) {
    texts.push_back(context.yaml.text(*item, key));
    if (texts.back().empty()) context.yaml.fail(*item, fmt::format("{}: an empty text occurs anywhere", key));
  }
  return texts;
}

ExpectedCount readCount(const ScenarioFileContext& context, const YamlNode& node, const std::string& name) {
  const std::string& text = context.yaml.text(node, name);
  const auto count = parseExpectedCount(text);
  if (!count) {
    context.yaml.fail(
        node,
        fmt::format("{}: '{}' is no count; expected 3, at least 2, at most 4, 2 to 4 or any", name, text));
  }
  return *count;
}

}  // namespace

ScenarioNetwork readNetwork(const ScenarioFileContext& context, const YamlNode& node) {
  const YamlReader& yaml = context.yaml;
  yaml.requireMap(node, "the network",
                  {"min_latency_us", "max_latency_us", "bandwidth_bytes_per_s", "segmentation"});
  ScenarioNetwork network;
  if (const YamlNode* latency = node.find("min_latency_us")) {
    network.min_latency_us = static_cast<std::int64_t>(yaml.number(*latency, "min_latency_us", 0, kMaxUs));
    network.max_latency_us = std::max(network.max_latency_us, network.min_latency_us);
  }
  if (const YamlNode* latency = node.find("max_latency_us")) {
    network.max_latency_us = static_cast<std::int64_t>(yaml.number(*latency, "max_latency_us", 0, kMaxUs));
    if (node.find("min_latency_us") == nullptr) {
      network.min_latency_us = std::min(network.min_latency_us, network.max_latency_us);
    }
    if (network.max_latency_us < network.min_latency_us) {
      yaml.fail(*latency, "max_latency_us: must not be below min_latency_us");
    }
  }
  if (const YamlNode* bandwidth = node.find("bandwidth_bytes_per_s")) {
    constexpr std::uint64_t kMaxBandwidth = 1'000'000'000'000;
    network.bandwidth_bytes_per_s = yaml.number(*bandwidth, "bandwidth_bytes_per_s", 1, kMaxBandwidth);
  }
  if (const YamlNode* segmentation = node.find("segmentation")) {
    network.segmentation = yaml.flag(*segmentation, "segmentation");
  }
  return network;
}

ScenarioExpectations readExpectations(const ScenarioFileContext& context, const YamlNode& node,
                                      const Scenario& scenario) {
  const YamlReader& yaml = context.yaml;
  const std::vector<std::string> counts = countNamesOf(scenario);
  std::vector<std::string_view> allowed{"details", "absent_details", "allowed_findings", "ends_within_ms"};
  allowed.insert(allowed.end(), counts.begin(), counts.end());
  yaml.requireMap(node, "what is expected", allowed);
  ScenarioExpectations expect;
  for (const auto& [name, value] : node.entries) {
    const std::string& key = name->text;
    if (key == "details") {
      expect.details = readTexts(context, *value, key);
    } else if (key == "absent_details") {
      expect.absent_details = readTexts(context, *value, key);
    } else if (key == "allowed_findings") {
      expect.allowed_findings = readTexts(context, *value, key);
    } else if (key == "ends_within_ms") {
      expect.ends_within_ms = static_cast<std::int64_t>(yaml.number(*value, key, 1, kLongestRunMs));
    } else {
      expect.counts[key] = readCount(context, *value, key);
    }
  }
  return expect;
}

}  // namespace jitrig
