#include "scenarios/file/older_generation.h"

#include "protocol/catalogue/version_word.h"
#include "protocol/jitaas/jitaas_dialect.h"
#include "protocol/jitaas/jitaas_message_types.h"

namespace jitrig {

std::expected<std::shared_ptr<const Dialect>, std::string> olderGenerationDialect(
    const OlderGenerationOptions& options) {
  JitaasDialectOptions dialect;
  if (!options.release.empty()) dialect.release = options.release;
  dialect.tags = options.ignore_tags ? TagCheck::ignore : TagCheck::strict;
  if (options.announced) {
    const auto table = jitaasTable(dialect.release);
    if (!table) return std::unexpected(table.error());
    dialect.announced = options.announced((*table)->release());
  }
  return makeJitaasDialect(dialect);
}

std::optional<std::string> olderReleaseThatAnnounces(std::uint32_t version_word) {
  std::optional<std::string> newest;
  for (const JitaasMessageTypes& types : jitaasReleases()) {
    if (versionWord(0, types.protocol_minor) == version_word) newest = types.release;
  }
  return newest;
}

}  // namespace jitrig
