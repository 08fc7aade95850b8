#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/catalogue/message_table.h"
#include "protocol/jitaas/receiving_place.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// The release whose messages the goldens are.
inline constexpr std::string_view kDefaultJitaasRelease = "0.18.0";

/// The message types of a release of the older generation: its numbers (data/), and the values that each has
/// in the oldest release that the catalogue knows by them, 0.20.0; what that does not have are queries with
/// values that are not known. The error names the releases.
std::expected<std::shared_ptr<const MessageTable>, std::string> jitaasTable(std::string_view release);

/// What a peer of the older generation speaks.
struct JitaasDialectOptions {
  std::string_view release = kDefaultJitaasRelease;
  /// What it announces; nullopt: JDK 11 with compressed references, as such peers were.
  std::optional<FullVersion> announced = std::nullopt;
  TagCheck tags = TagCheck::strict;
};

/// For streams, personas and whatever else takes a Dialect. The error says what is wrong with the options.
std::expected<std::shared_ptr<const Dialect>, std::string> makeJitaasDialect(
    const JitaasDialectOptions& options = {});

}  // namespace jitrig
