#include "cli/jitaas_lines.h"

#include <fmt/format.h>
#include <vector>

#include "cli/exit_status.h"
#include "protocol/catalogue/nearest_name.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/jitaas_message_text.h"
#include "protocol/jitaas/jitaas_message_types.h"
#include "protocol/wire/hex.h"

namespace jitrig {
namespace {

constexpr const char* kReleaseOfTheGoldens = "0.18.0";

const JitaasMessageTypes& findTypes(const std::string& release) {
  if (const JitaasMessageTypes* types = findJitaasRelease(release)) return *types;
  std::vector<std::string> known;
  for (const JitaasMessageTypes& types : jitaasReleases()) known.emplace_back(types.release);
  throw CommandError(
      ExitStatus::wrongUsage,
      fmt::format("--release: with --format jitaas there is no release '{}'; the nearest is {}; known are {}",
                  release, nearestRelease(release, known), fmt::join(known, ", ")));
}

using Converted = std::expected<void, std::string>;

Converted decodeLine(std::string_view line, std::string& out, const JitaasMessageTypes& types, bool json) {
  const auto bytes = parseHexLine(line);
  if (!bytes) return std::unexpected(bytes.error());
  const auto message = JitaasMessage::parse(*bytes);
  if (!message) return std::unexpected(toString(message.error()));
  if (json) {
    appendJson(out, *message, types);
  } else {
    appendText(out, *message, types);
  }
  return {};
}

Converted encodeLine(std::string_view line, std::string& out, const JitaasMessageTypes& types, bool json) {
  const auto message = parseJitaasMessageJson(line, types);
  if (!message) return std::unexpected(toString(message.error()));
  appendHexLine(out, message->serialize(), json);
  return {};
}

}  // namespace

LineConversion decodingOfJitaas(const std::optional<std::string>& release, bool json) {
  return [&types = findTypes(release.value_or(kReleaseOfTheGoldens)), json](
             std::string_view line, std::string& out) { return decodeLine(line, out, types, json); };
}

LineConversion encodingOfJitaas(const std::optional<std::string>& release, bool json) {
  return [&types = findTypes(release.value_or(kReleaseOfTheGoldens)), json](
             std::string_view line, std::string& out) { return encodeLine(line, out, types, json); };
}

}  // namespace jitrig
