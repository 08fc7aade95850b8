// jitrig catalogue list
#include <algorithm>
#include <fmt/format.h>

#include "cli/catalogue_json.h"
#include "cli/catalogue_verb.h"
#include "cli/name_pattern.h"
#include "cli/standard_output.h"
#include "cli/text_table.h"
#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

std::string dataPointsText(const std::optional<std::vector<WireType>>& types,
                           const std::vector<std::string>& cpp_types, bool cpp) {
  if (!types) return "(?)";
  return cpp ? fmt::format("({})", fmt::join(cpp_types, ", ")) : toString(*types);
}

/// "(object(8)) -> (bool) [unsent]"
std::string signatureText(const MessageType& type, bool cpp) {
  std::string text = dataPointsText(type.request, type.request_cpp, cpp);
  if (type.has_reply) text += " -> " + dataPointsText(type.reply, type.reply_cpp, cpp);
  if (isBodyless(type)) text += " [body-less]";
  if (opensConnection(type)) text += " [opens a connection]";
  if (!type.server_sends) text += " [unsent]";
  if (type.unused) text += " [unused]";
  return text;
}

/// A pattern that fits nothing is a mistake: it throws.
std::vector<const MessageType*> matchingTypes(const MessageTable& table,
                                              const std::vector<std::string>& patterns) {
  std::vector<bool> matches(table.types().size(), patterns.empty());
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (!matchesPattern(pattern, table.types()[i].name)) continue;
      matches[i] = true;
      found = true;
    }
    if (found) continue;
    std::vector<std::string> names;
    for (const MessageType& type : table.types()) names.push_back(type.name);
    const auto nearest = nearestNames(pattern, names);
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("release {}, {} build, has no message type that fits '{}'{}{}",
                                   table.release().name, toString(table.build()), pattern,
                                   nearest.empty() ? "" : "; near are ", fmt::join(nearest, ", ")));
  }
  std::vector<const MessageType*> types;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (matches[i]) types.push_back(&table.types()[i]);
  }
  return types;
}

}  // namespace

ExitStatus printMessageTypes(const CatalogueOptions& options) {
  const auto table = loadTable(options.release);
  const auto types = matchingTypes(*table, options.patterns);
  StandardOutput output;
  using enum TextTable::Align;
  TextTable rows({right, left, left, left});
  for (const MessageType* type : types) {
    if (options.json) {
      output.text() += '{';
      appendTableMembers(output.text(), *table);
      output.text() += ',';
      appendMessageTypeMembers(output.text(), *type);
      output.text() += "}\n";
    } else {
      rows.addRow({fmt::to_string(type->number), type->name, toString(type->direction),
                   signatureText(*type, options.cpp)});
    }
  }
  rows.append(output.text(), 0, options.full ? 0 : terminalWidth());
  output.flush();
  return ExitStatus::fine;
}

}  // namespace jitrig
