#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace jitrig {

/// What may go wrong in the runs of a campaign.
struct Profile {
  std::string_view name;
  std::string_view sentence;
  bool stream_faults = false;     ///< of connections: breaks, delays, damage
  bool persona_faults = false;    ///< pause, kill, refuse, restart
  bool misbehaviours = false;     ///< of the personas
  bool damaging_faults = false;   ///< faults that change, lose or invent bytes
  bool older_generation = false;  ///< who takes part speaks jitaas
  bool mixed_releases = true;     ///< at times a VM is of another release than its server
  std::uint32_t tls_percent = 0;  ///< of the worlds

  bool hasFaults() const { return stream_faults || persona_faults || damaging_faults; }
  /// Nothing goes wrong.
  bool isCalm() const { return !hasFaults() && !misbehaviours && !mixed_releases; }
};

/// All of them; the first is the default.
std::span<const Profile> profiles();

/// The error lists them.
std::expected<Profile, std::string> findProfile(std::string_view name);

}  // namespace jitrig
