#pragma once

#include <cstdint>
#include <string>

#include "cli/announcement_options.h"
#include "cli/release_options.h"
#include "cli/tls_options.h"
#include "protocol/stream/communication_stream.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace jitrig {

/// What fakecompiler, fakevm and replay have in common.
struct PersonaOptions {
  ProtocolOptions protocol;
  ReleaseOptions release;
  AnnouncementOptions announcement;
  std::int64_t timeout_ms = StreamOptions{}.timeout_ms;
  TlsFiles tls;
  std::string record;  ///< pcap file to write; empty: none
  bool json = false;
};

inline constexpr std::size_t kMaxThreads = 999;  ///< as a real server (semantics.md, section 6)

/// `options` must live as long as `verb`. `side`: for whom the options of TLS are.
void addPersonaOptions(CLI::App& verb, PersonaOptions& options, TlsSide side);

std::shared_ptr<const Dialect> loadDialect(const PersonaOptions& options);
StreamOptions streamOptions(const PersonaOptions& options);

}  // namespace jitrig
