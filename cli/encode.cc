// jitrig encode: the inverse of jitrig decode --json.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/jitaas_lines.h"
#include "cli/line_conversion.h"
#include "cli/message_format.h"
#include "cli/verbs.h"
#include "protocol/catalogue/message_json.h"

namespace jitrig {
namespace {

constexpr const char* kDescription =
    "Messages as JSON in (decode --json, show --json), hexadecimal digits out";
constexpr const char* kFooter =
    R"(One JSON object is one message. Of type and number one is enough; version and config are 0 if absent; the
keys connection, time_ns and direction are passed over. What comes out is canonical: filler and padding are 0.
A bad line is one line "line N: ..." on the standard error, the rest goes on. Exit status: 0 fine, 2 wrong
usage, 3 at least one message could not be encoded.

Data points: {"int32":-2} {"int64":7} {"uint32":7} {"uint64":7} {"bool":true} {"string":"abc"}
{"string":{"hex":"00ff"}} {"object":"0a0b"} {"simple_vector":{"element_size":8,"hex":"..."}}
{"empty_vector":true} {"vector":[...]} {"tuple":[...]}
With --format jitaas there is no config, neither simple_vector nor empty_vector, and a tag before each value
but a vector's elements: {"tag":7,"uint64":140}

Examples:
  jitrig encode '{"type":"VM_isClassArray","data":[{"object":"0a0b0c0d0e0f0000"}]}'
  jitrig decode --json - < messages.txt | jitrig encode -
  jitrig encode --format jitaas '{"type":"VM_isClassLibraryMethod","data":[{"tag":4,"bool":true}]}')";

/// An empty simple vector takes 8 bytes on the wire and 48 as JSON; nothing grows more. And room for the
/// rest.
constexpr std::size_t kMaxLineBytes = 6 * WireLimits{}.max_message_size_bytes + 4096;

struct Options {
  std::vector<std::string> inputs;
  FormatOptions format;
  bool json = false;
};

std::expected<void, std::string> encodeLine(std::string_view line, std::string& out,
                                            const MessageTable& table, bool json) {
  const auto message = parseMessageJson(line, table);
  if (!message) return std::unexpected(toString(message.error()));
  appendHexLine(out, message->serialize(), json);
  return {};
}

ExitStatus encode(const Options& options) {
  if (isJitaas(options.format)) {
    return convertLines(options.inputs, kMaxLineBytes,
                        encodingOfJitaas(jitaasRelease(options.format), options.json));
  }
  const auto table = loadTable(options.format.release);
  return convertLines(options.inputs, kMaxLineBytes, [&](std::string_view line, std::string& out) {
    return encodeLine(line, out, *table, options.json);
  });
}

}  // namespace

void addEncode(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("encode", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("message", options->inputs, "messages, or - for one per line of the standard input")
      ->type_name("JSON|-")
      ->required();
  addFormatOptions(*verb, options->format);
  verb->add_flag("--json", options->json, R"(print {"hex":"..."} instead of the digits alone)");
  verb->callback([options, &action] { action = [options] { return encode(*options); }; });
}

}  // namespace jitrig
