#pragma once

#include <span>
#include <string_view>

namespace jitrig {

/// Somebody who speaks another protocol, or none, and came to the wrong port.
struct StrangePeer {
  enum class Manner : unsigned char {
    waits,   ///< says its bytes, and waits for what comes
    closes,  ///< says its bytes, and ends the connection
    resets,  ///< breaks it
    echoes,  ///< sends back what comes
  };

  std::string_view name;      ///< "http_get"
  std::string_view sentence;  ///< who that is
  std::string_view bytes;     ///< what it says, before it hears anything
  Manner manner = Manner::waits;
  bool speaks_first = true;  ///< false: when it has heard something
};

/// All of them.
std::span<const StrangePeer> strangePeers();

}  // namespace jitrig
