#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// A misbehaviour of a persona by its name, and whom it befalls.
struct MisbehaviourSpec {
  std::string name;
  /// The persona's n-th compilation, from 1; nullopt: each. Before the server has read a request it is the
  /// n-th connection; the goodbyes, which belong to no compilation, are concerned in any case.
  std::optional<std::uint64_t> compilation;
};

/// What may become of the compilation that a misbehaviour befalls, as its client reports it.
enum class MisbehaviourEffect : std::uint8_t {
  harmless,  ///< it ends as it would have ended
  ends,      ///< it fails or is terminated, at once
  waits,     ///< it fails or is terminated after a timeout of the client or of the server
  depends,   ///< on script, timeouts and timing: any of these, or it is compiled with wrong data
};

/// "harmless", "ends", "waits", "depends".
std::string_view toString(MisbehaviourEffect effect);

/// A persona can do something wrong that no correct peer does: small, named, off by default. The stack below
/// it carries no defects; the peer does.
struct MisbehaviourInfo {
  std::string_view name;      ///< "reply_wrong_type": at which step, and what
  std::string_view sentence;  ///< for people
  MisbehaviourEffect effect = MisbehaviourEffect::ends;
  /// The next compilation over the same connection may be terminated or fail as well, since both sides are
  /// out of step. No other connection ever is concerned.
  bool spreads = false;
};

/// That all names are among `known`; else a text with the unknown one and the nearest of those that are.
std::expected<void, std::string> checkMisbehaviours(std::span<const MisbehaviourSpec> specs,
                                                    std::span<const MisbehaviourInfo> known);

/// "NAME" or "NAME:COMPILATION", as an option has it; the text says what is wrong otherwise.
std::expected<MisbehaviourSpec, std::string> parseMisbehaviour(std::string_view text,
                                                               std::span<const MisbehaviourInfo> known);

}  // namespace jitrig
