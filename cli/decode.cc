// jitrig decode: messages as hexadecimal digits in, text or JSON out.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/jitaas_lines.h"
#include "cli/line_conversion.h"
#include "cli/message_format.h"
#include "cli/verbs.h"
#include "protocol/catalogue/message_json.h"
#include "protocol/catalogue/message_text.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "Messages as hexadecimal digits in, text or JSON out";
constexpr const char* kFooter =
    R"(A message is given whole, with its size field, as an even number of hexadecimal digits without 0x; blanks
around it do not matter, nor do blank lines. A bad line is one line "line N: offset O: field: ..." on the
standard error, the rest goes on; O counts bytes of the message, for the field hex characters of the line.
Exit status: 0 fine, 2 wrong usage, 3 at least one message could not be decoded.

Examples:
  jitrig decode 1c0000000000000000000000ab0001000000000004000000feffffff
  jitrig decode --json --release 0.60.0 - < messages.txt
  jitrig decode --json --format jitaas 0b00000008c90112060a0408043801)";

/// Two digits a byte, and room for blanks around them.
constexpr std::size_t kMaxLineBytes = 2 * WireLimits{}.max_message_size_bytes + 64;

struct Options {
  std::vector<std::string> inputs;
  FormatOptions format;
  bool json = false;
};

std::expected<void, std::string> decodeLine(std::string_view line, std::string& out,
                                            const MessageTable& table, bool json) {
  const auto bytes = parseHexLine(line);
  if (!bytes) return std::unexpected(bytes.error());

  const auto message = Message::parse(*bytes, ParseOptions{.limits = {}, .bodyless = table.bodylessTypes()});
  if (!message) return std::unexpected(toString(message.error()));
  if (json) {
    appendJson(out, *message, table);
  } else {
    appendText(out, *message, table);
  }
  return {};
}

ExitStatus decode(const Options& options) {
  if (isJitaas(options.format)) {
    return convertLines(options.inputs, kMaxLineBytes,
                        decodingOfJitaas(jitaasRelease(options.format), options.json));
  }
  const auto table = loadTable(options.format.release);
  return convertLines(options.inputs, kMaxLineBytes, [&](std::string_view line, std::string& out) {
    return decodeLine(line, out, *table, options.json);
  });
}

}  // namespace

void addDecode(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("decode", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("message", options->inputs, "messages, or - for one per line of the standard input")
      ->type_name("HEX|-")
      ->required();
  addFormatOptions(*verb, options->format);
  verb->add_flag("--json", options->json, "one JSON object per message");
  verb->callback([options, &action] { action = [options] { return decode(*options); }; });
}

}  // namespace jitrig
