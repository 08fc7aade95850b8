#include "scenarios/file/older_generation.h"

// In the place of older_generation.cc where protocol/jitaas is left out.
namespace jitrig {

std::expected<std::shared_ptr<const Dialect>, std::string> olderGenerationDialect(
    const OlderGenerationOptions&) {
  return std::unexpected("this jitrig was built without jitaas (JITRIG_JITAAS=OFF)");
}

std::optional<std::string> olderReleaseThatAnnounces(std::uint32_t) {
  return std::nullopt;
}

}  // namespace jitrig
