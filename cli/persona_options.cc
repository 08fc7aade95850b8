#include "cli/persona_options.h"

#include <CLI/CLI.hpp>

namespace jitrig {

void addPersonaOptions(CLI::App& verb, PersonaOptions& options, TlsSide side) {
  addProtocolOptions(verb, options.protocol);
  addReleaseOptions(verb, options.release);
  addAnnouncementOptions(verb, options.announcement);
  verb.add_option("--timeout", options.timeout_ms, "how long one message may take, in ms")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{86'400'000}))
      ->capture_default_str();
  addTlsOptions(verb, options.tls, side);
  verb.add_option("--record", options.record,
                  "write everything that goes over the connections to a pcap file, in plaintext")
      ->type_name("FILE");
  verb.add_flag("--json", options.json, "one JSON object per event, for machines");
}

std::shared_ptr<const Dialect> loadDialect(const PersonaOptions& options) {
  return loadDialect(options.release, options.announcement, options.protocol);
}

StreamOptions streamOptions(const PersonaOptions& options) {
  return {.timeout_ms = options.timeout_ms, .limits = {}};
}

}  // namespace jitrig
