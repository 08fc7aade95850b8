// jitrig catalogue releases
#include <fmt/format.h>
#include <iterator>

#include "cli/catalogue_verb.h"
#include "cli/standard_output.h"
#include "cli/text_table.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/wire/value_json.h"

namespace jitrig {
namespace {

/// The built-in catalogue is tested to be readable.
const MessageTable& tableOf(const std::string& release, Build build) {
  auto table = Catalogue::builtIn().table(release, build);
  if (!table) throw CommandError(ExitStatus::foundSomething, table.error());
  return **table;  // kept by the catalogue
}

bool isHead(const Release& release) {
  return release.name == Catalogue::kDefaultRelease;
}

void appendReleaseJson(std::string& out, const Release& release, const MessageTable& openjdk,
                       const MessageTable& j9) {
  out += R"({"release":)";
  appendJsonString(out, release.name);
  fmt::format_to(std::back_inserter(out),
                 R"(,"is_head":{},"protocol":"{}.{}","version_word":{},"architecture_bits":{},"builds":[)",
                 isHead(release), release.protocol_major, release.protocol_minor, release.versionWord(),
                 release.has_architecture_bits);
  for (const MessageTable* table : {&openjdk, &j9}) {
    fmt::format_to(std::back_inserter(out), R"({}{{"build":"{}","message_types":{},"maxtype":{}}})",
                   table == &j9 ? "," : "", toString(table->build()), table->types().size(),
                   table->maxtype());
  }
  out += "]}\n";
}

}  // namespace

ExitStatus printReleases(const CatalogueOptions& options) {
  StandardOutput output;
  using enum TextTable::Align;
  TextTable rows({left, right, left, right, right, left});
  rows.addRow({"release", "protocol", "version word", "openjdk", "j9", "architecture in configuration word"});
  for (const std::string& name : Catalogue::builtIn().releases()) {
    const MessageTable& openjdk = tableOf(name, Build::openjdk);
    const MessageTable& j9 = tableOf(name, Build::j9);
    const Release& release = openjdk.release();
    if (options.json) {
      appendReleaseJson(output.text(), release, openjdk, j9);
      continue;
    }
    rows.addRow({isHead(release) ? name + " *" : name,
                 fmt::format("{}.{}", release.protocol_major, release.protocol_minor),
                 fmt::format("{:#010x}", release.versionWord()), fmt::to_string(openjdk.types().size()),
                 fmt::to_string(j9.types().size()), release.has_architecture_bits ? "yes" : "no"});
  }
  if (!options.json) rows.append(output.text(), 0, 0);
  output.flush();
  return ExitStatus::fine;
}

}  // namespace jitrig
