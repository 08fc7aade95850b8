#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/catalogue/release.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// What all peers over gRPC speak.
inline constexpr const char* kGrpcRelease = "grpc_2019";

/// Of peers that speak protobuf over sockets (protocol/jitaas), from words in files and options.
struct OlderGenerationOptions {
  std::string release;  ///< "0.16.0" to "0.19.0", "grpc_2019"; empty: 0.18.0
  /// What they announce, of the release; empty: JDK 11 with compressed references.
  std::function<FullVersion(const Release&)> announced;
  /// Read what a foreign peer numbers otherwise: values by their places, whatever their tags.
  bool ignore_tags = false;
};

/// The error is about the release, or says that this build has no older generation (JITRIG_JITAAS).
std::expected<std::shared_ptr<const Dialect>, std::string> olderGenerationDialect(
    const OlderGenerationOptions& options);

/// The newest release whose clients announce this, "grpc_2019" for instance; nullopt: none of the older
/// generation does, or this build has none of it.
std::optional<std::string> olderReleaseThatAnnounces(std::uint32_t version_word);

}  // namespace jitrig
