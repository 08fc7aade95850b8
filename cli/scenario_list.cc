// jitrig scenario list, faults, misbehaviours
#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "cli/name_pattern.h"
#include "cli/scenario_verb.h"
#include "cli/standard_error.h"
#include "cli/standard_output.h"
#include "cli/text_table.h"
#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/wire/value_json.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/file/read_scenario.h"

namespace jitrig {
namespace {

void appendText(std::string& out, std::string_view key, std::string_view text, bool first = false) {
  fmt::format_to(std::back_inserter(out), "{}\"{}\":", first ? "{" : ",", key);
  appendJsonString(out, text);
}

template <class Texts, class ToText>
void appendTexts(std::string& out, std::string_view key, const Texts& texts, ToText to_text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", key);
  bool first = true;
  for (const auto& text : texts) {
    if (!first) out += ',';
    first = false;
    appendJsonString(out, to_text(text));
  }
  out += ']';
}

std::string runtimesOf(const Scenario& scenario) {
  std::string names;
  for (const ScenarioRuntime runtime : scenario.runtimes) {
    if (!names.empty()) names += ' ';
    names += toString(runtime);
  }
  return names;
}

void appendJson(std::string& out, const Scenario& scenario, const ScenarioFile& file) {
  appendText(out, "name", scenario.name, true);
  appendText(out, "description", scenario.description);
  appendTexts(out, "runtimes", scenario.runtimes, [](ScenarioRuntime runtime) { return toString(runtime); });
  fmt::format_to(std::back_inserter(out), ",\"seeds\":{}", scenario.seeds);
  appendTexts(out, "covers", scenario.covers, [](const std::string& entry) { return entry; });
  appendText(out, "path", file.path);
  out += "}\n";
}

bool fits(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return matchesPattern(pattern, name);
         });
}

void printParameter(std::string& out, const FaultParameter& parameter) {
  std::string values;
  if (parameter.kind == FaultParameter::Kind::number) {
    values = fmt::format("{} to {}", parameter.min, parameter.max);
  } else if (parameter.kind == FaultParameter::Kind::choice) {
    values = fmt::format("{}", fmt::join(parameter.choices, " | "));
  } else {
    values = toString(parameter.kind);
  }
  fmt::format_to(std::back_inserter(out), "      {} ({}{}): {}\n", parameter.name, values,
                 parameter.default_value.empty() ? "" : fmt::format("; {}", parameter.default_value),
                 parameter.sentence);
}

void appendJson(std::string& out, const FaultAction& action) {
  appendText(out, "name", action.name, true);
  appendText(out, "sentence", action.sentence);
  appendText(out, "layer", toString(action.layer));
  fmt::format_to(std::back_inserter(out),
                 R"(,"breaks_connection":{},"alters_bytes":{},"only_delays":{},"parameters":[)",
                 action.breaks_connection, action.alters_bytes, action.only_delays);
  bool first = true;
  for (const FaultParameter& parameter : action.parameters) {
    if (!first) out += ',';
    first = false;
    appendText(out, "name", parameter.name, true);
    appendText(out, "sentence", parameter.sentence);
    appendText(out, "kind", toString(parameter.kind));
    fmt::format_to(std::back_inserter(out), ",\"min\":{},\"max\":{}", parameter.min, parameter.max);
    appendText(out, "default", parameter.default_value);
    appendTexts(out, "choices", parameter.choices, [](std::string_view choice) { return choice; });
    out += '}';
  }
  out += "]}\n";
}

void printMisbehaviours(std::string& out, std::string_view persona, std::span<const MisbehaviourInfo> known,
                        const ScenarioOptions& options) {
  TextTable rows({TextTable::Align::left, TextTable::Align::left, TextTable::Align::left});
  for (const MisbehaviourInfo& info : known) {
    if (!fits(options.wanted, info.name)) continue;
    if (!options.json) {
      rows.addRow({std::string(info.name), std::string(toString(info.effect)), std::string(info.sentence)});
      continue;
    }
    appendText(out, "name", info.name, true);
    appendText(out, "persona", persona);
    appendText(out, "sentence", info.sentence);
    appendText(out, "effect", toString(info.effect));
    fmt::format_to(std::back_inserter(out), ",\"spreads\":{}}}\n", info.spreads);
  }
  if (!options.json) {
    fmt::format_to(std::back_inserter(out), "Of a {}:\n", persona);
    rows.append(out, 2, 0);
  }
}

}  // namespace

ExitStatus listScenarios(const ScenarioOptions& options) {
  StandardOutput output;
  using enum TextTable::Align;
  TextTable rows({left, left, left});
  bool all_read = true;
  bool any = false;
  for (const ScenarioFile& file : ownScenarios()) {
    if (!fits(options.wanted, file.name)) continue;
    any = true;
    const auto scenario = readScenarioFile(file.path, file.name);
    if (!scenario) {
      printError(scenario.error());
      all_read = false;
    } else if (options.json) {
      appendJson(output.text(), *scenario, file);
    } else {
      rows.addRow({scenario->name, runtimesOf(*scenario), scenario->description});
    }
  }
  if (!any && !options.wanted.empty()) {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("no scenario fits {}", fmt::join(options.wanted, ", ")));
  }
  if (!options.json) rows.append(output.text(), 0, terminalWidth());
  output.flush();
  return all_read ? ExitStatus::fine : ExitStatus::unreadableInput;
}

ExitStatus listFaults(const ScenarioOptions& options) {
  StandardOutput output;
  std::string& out = output.text();
  for (const FaultAction* action : faultActions()) {
    if (!fits(options.wanted, action->name)) continue;
    if (options.json) {
      appendJson(out, *action);
      continue;
    }
    fmt::format_to(std::back_inserter(out), "{}: {}\n", action->name, action->sentence);
    for (const FaultParameter& parameter : action->parameters) printParameter(out, parameter);
  }
  if (!options.json && options.wanted.empty()) {
    out += "\nPlaces in a message:\n";
    TextTable rows({TextTable::Align::left, TextTable::Align::left});
    for (const FaultPlaceName& place : faultPlaces()) {
      rows.addRow({std::string(place.name), std::string(place.sentence)});
    }
    rows.append(out, 2, 0);
  }
  output.flush();
  return ExitStatus::fine;
}

ExitStatus listMisbehaviours(const ScenarioOptions& options) {
  StandardOutput output;
  printMisbehaviours(output.text(), "vm", vmMisbehaviours(), options);
  printMisbehaviours(output.text(), "server", compilerMisbehaviours(), options);
  output.flush();
  return ExitStatus::fine;
}

}  // namespace jitrig
