// jitrig catalogue: what every release and build says, as text or JSON. The verbs below it have files of
// their own.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/catalogue_verb.h"
#include "cli/verbs.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "The message types of every release and build";
constexpr const char* kFooter =
    R"(The numbers of the message types and the types of their data points change with nearly every release, and
between the two builds of one: openjdk (JDK 17 and later) and j9 (JDK 8 and 11 by default).
All verbs below have --json. Exit status: 0 fine, 2 wrong usage.

Examples:
  jitrig catalogue releases
  jitrig catalogue list --release 0.60.0 --build j9 'VM_*'
  jitrig catalogue show VM_getVMInfo)";

constexpr const char* kReleasesFooter =
    R"(Columns: release, protocol version, the version word that travels, the numbers of message types in the openjdk
and the j9 build, whether the configuration word names the architecture. * is head, which is no release yet.

JSON keys: release, is_head, protocol, version_word, architecture_bits, builds (build, message_types, maxtype).
maxtype is the highest number + 1.

Exit status: 0 fine, 2 wrong usage.

Example:
  jitrig catalogue releases --json | tail -1)";

constexpr const char* kListFooter =
    R"(Columns: number, name, who starts (query: the server asks, the client replies; client, server: one way),
types of the data points as they travel: request -> reply. (?) is not known.
Marks: [body-less] 16 bytes without data points; [opens a connection] may be its first message; [unsent] the
server never sends it; [unused] on neither side.

A pattern with * or ? must fit the whole name, any other be part of it; case does not matter; one of several is
enough. On a terminal long lines are cut.

JSON keys, one object per type: release, build, number, name, direction, has_reply, request, reply (wire types;
null: not known or none), request_cpp, reply_cpp, bodyless, opens_connection, server_sends, unused.

Exit status: 0 fine, 2 wrong usage, also if a pattern fits nothing.

Examples:
  jitrig catalogue list ClassEnv_
  jitrig catalogue list --release 0.60.0 --json 'VM_get*Class*')";

constexpr const char* kShowFooter =
    R"(Of a message type: its number in this release and both builds, the data points with their wire types, C++ types
and descriptors, aliases and struct layouts that they use, and how it changed over the releases.
Of a struct (VMInfo) or an alias (ClassInfoTuple): its fields or its type, and who uses it.

--example prints a message with zero in every data point: the request, and below it the reply.

JSON keys: kind (message_type, struct, alias); those of jitrig catalogue list; numbers (openjdk, j9),
request_descriptors, reply_descriptors (type, type_code, payload_size_bytes, padding_size_bytes,
element_size_bytes, alignment_bytes; null: varies), aliases (name, cpp_type), structs (name, size_bytes,
fields_build, fields), history (first_release, last_release, number, direction, has_reply, request, reply).
A field: offset_bytes, size_bytes, name, cpp_type, in the openjdk build. A struct or alias has used_by as well.
With --example: request_hex, reply_hex.

Exit status: 0 fine, 1 no example because the types are not known, 2 wrong usage, also if there is no such thing.

Examples:
  jitrig catalogue show VM_getVMInfo
  jitrig catalogue show --release 0.44.0 --build j9 67
  jitrig catalogue show VMInfo
  jitrig catalogue show --example VM_isClassArray | jitrig decode -)";

using Print = ExitStatus (*)(const CatalogueOptions&);

CLI::App* addVerb(CLI::App& catalogue, VerbAction& action, const char* name, const char* description,
                  const char* footer, const std::shared_ptr<CatalogueOptions>& options, Print print) {
  CLI::App* verb = catalogue.add_subcommand(name, description);
  verb->footer(footer);
  verb->callback([options, print, &action] { action = [options, print] { return print(*options); }; });
  return verb;
}

void addJsonFlag(CLI::App& verb, CatalogueOptions& options, const char* description) {
  verb.add_flag("--json", options.json, description);
}

}  // namespace

void addCatalogue(CLI::App& jitrig, VerbAction& action) {
  CLI::App* catalogue = jitrig.add_subcommand("catalogue", kDescription);
  const auto options = std::make_shared<CatalogueOptions>();
  catalogue->footer(kFooter);
  catalogue->require_subcommand(1);

  CLI::App* releases = addVerb(*catalogue, action, "releases", "All releases and their protocol versions",
                               kReleasesFooter, options, printReleases);
  addJsonFlag(*releases, *options, "one JSON object per release");

  CLI::App* list = addVerb(*catalogue, action, "list", "The message types of a release and build",
                           kListFooter, options, printMessageTypes);
  list->add_option("pattern", options->patterns, "only names that fit")->type_name("PATTERN");
  addReleaseOptions(*list, options->release);
  list->add_flag("--cpp", options->cpp, "C++ types instead of wire types");
  list->add_flag("--full", options->full, "do not cut long lines, even on a terminal");
  addJsonFlag(*list, *options, "one JSON object per message type");

  CLI::App* show = addVerb(*catalogue, action, "show", "All that is known of a message type or struct",
                           kShowFooter, options, printSubject);
  show->add_option("name", options->subject, "a message type by name or number, a struct or an alias")
      ->type_name("NAME|NUMBER")
      ->required();
  addReleaseOptions(*show, options->release);
  show->add_flag("--example", options->example, "hexadecimal digits of a message of this type");
  addJsonFlag(*show, *options, "one JSON object");
}

}  // namespace jitrig
