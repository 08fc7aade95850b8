#include "protocol/jitaas/jitaas_dialect.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>
#include <vector>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/nearest_name.h"
#include "protocol/jitaas/jitaas_format.h"
#include "protocol/jitaas/jitaas_message_types.h"

namespace jitrig {
namespace {

/// The first release of the younger generation: what it sends is what the older one sent.
constexpr std::string_view kNearestRelease = "0.20.0";
constexpr unsigned kJavaVersion = 11;

std::shared_ptr<const Release> releaseOf(const JitaasMessageTypes& types, const Release& nearest) {
  auto release = std::make_shared<Release>(nearest);
  release->name = types.release;
  release->protocol_major = 0;
  release->protocol_minor = types.protocol_minor;
  return release;
}

MessageType typeOf(const JitaasMessageType& numbered, const MessageTable& nearest) {
  const MessageType* known = nearest.find(numbered.name);
  MessageType type;
  if (known != nullptr) type = *known;
  type.name = numbered.name;
  type.number = static_cast<std::uint16_t>(numbered.number);
  return type;
}

}  // namespace

std::expected<std::shared_ptr<const MessageTable>, std::string> jitaasTable(std::string_view release) {
  const JitaasMessageTypes* numbers = findJitaasRelease(release);
  if (numbers == nullptr) {
    std::vector<std::string> known;
    for (const JitaasMessageTypes& types : jitaasReleases()) known.emplace_back(types.release);
    return std::unexpected(fmt::format("no release '{}' of jitaas; the nearest is {}; known are {}", release,
                                       nearestRelease(release, known), fmt::join(known, ", ")));
  }
  const auto nearest = Catalogue::builtIn().table(kNearestRelease, Build::j9);
  if (!nearest) return std::unexpected(nearest.error());
  std::vector<MessageType> types;
  for (const JitaasMessageType& numbered : numbers->types) types.push_back(typeOf(numbered, **nearest));
  const auto maxtype = static_cast<std::uint32_t>(types.back().number) + 1;
  auto table =
      MessageTable::make(releaseOf(*numbers, (*nearest)->release()), Build::j9, maxtype, std::move(types));
  if (!table) return std::unexpected(table.error());
  return std::make_shared<const MessageTable>(std::move(*table));
}

std::expected<std::shared_ptr<const Dialect>, std::string> makeJitaasDialect(
    const JitaasDialectOptions& options) {
  auto table = jitaasTable(options.release);
  if (!table) return std::unexpected(table.error());
  const FullVersion announced = options.announced.value_or((*table)->release().defaultVersion(kJavaVersion));
  auto format = std::make_shared<const JitaasFormat>(**table, options.tags);
  return Dialect::make(std::move(*table), announced, std::move(format));
}

}  // namespace jitrig
