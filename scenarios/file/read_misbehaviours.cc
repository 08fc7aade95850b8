#include <fmt/format.h>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/catalogue/nearest_name.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

MisbehaviourSpec readMisbehaviour(const ScenarioFileContext& context, const YamlNode& node) {
  MisbehaviourSpec spec;
  if (node.isScalar()) {
    spec.name = node.text;
    return spec;
  }
  context.yaml.requireMap(node, "a misbehaviour", {"name", "compilation"});
  const YamlNode* name = node.find("name");
  if (name == nullptr) context.yaml.fail(node, "a misbehaviour needs 'name'");
  spec.name = context.yaml.text(*name, "name");
  if (const YamlNode* compilation = node.find("compilation")) {
    spec.compilation = context.yaml.number(*compilation, "compilation", 1, kMaxScenarioCompilations);
  }
  return spec;
}

}  // namespace

std::vector<MisbehaviourSpec> readMisbehaviours(const ScenarioFileContext& context, const YamlNode& node,
                                                bool of_server) {
  const auto known = of_server ? compilerMisbehaviours() : vmMisbehaviours();
  std::vector<MisbehaviourSpec> specs;
  for (const auto& item : context.yaml.list(node, "misbehaviours", kMaxScenarioEntries)) {
    specs.push_back(readMisbehaviour(context, *item));
    if (const auto checked = checkMisbehaviours(std::span(specs).last(1), known); !checked) {
      context.yaml.fail(*item, checked.error());
    }
  }
  return specs;
}

std::string unknownName(std::string_view kind, std::string_view given, std::span<const std::string> known) {
  const auto nearest = nearestNames(given, known);
  const auto& shown = nearest.empty() ? std::vector<std::string>(known.begin(), known.end()) : nearest;
  return fmt::format("'{}' is no {}; {}: {}", given, kind, nearest.empty() ? "known" : "the nearest",
                     fmt::join(shown, ", "));
}

}  // namespace jitrig
