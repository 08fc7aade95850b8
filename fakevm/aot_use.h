#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {

/// What a VM asks of its server's AOT cache. Needs ClientLife::asReal.
struct AOTUse {
  bool load = false;  ///< methods may come from it
  bool store = false;
  bool map = false;           ///< its map is asked for when the VM begins
  bool ignores_local = true;  ///< what is stored comes back as it is stored, and is loaded like that
  std::string cache = "default";
  /// How long one serialization record takes: the real client looks classes up.
  std::int64_t record_ms = 0;

  bool any() const { return load || store; }
};

/// What became of an AOT method at the client.
enum class AOTResult : std::uint8_t {
  none,                   ///< the compilation had nothing to do with a cache
  loaded,                 ///< it came from the cache
  stored,                 ///< it was compiled, stored, and loaded in the form in which it is stored
  deserializationFailed,  ///< the client has no use for it (aotCacheDeserializationFailure)
  deserializerReset,      ///< another server was met in the middle of loading it (aotDeserializerReset)
  refused,                ///< the server could not do what was asked (AOTCache_failure)
};

/// What a server said that its AOT cache has.
struct AOTMapReport {
  std::string stream;  ///< over which it was asked
  std::string cache;   ///< its name
  std::vector<std::string> signatures;
};

/// "none", "loaded", …
std::string_view toString(AOTResult result);

/// What an attempt had to do with an AOT cache, for observers and checkers.
struct AOTMethodUse {
  AOTResult result = AOTResult::none;
  bool load = false;       ///< what was asked for
  bool store = false;      ///< the same
  bool may_load = false;   ///< what it could have asked for, by what it knows of the server
  bool may_store = false;  ///< the same
  /// Records that it was loaded with: id and type, and the UID of the server that they came from.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> records = {};
};

}  // namespace jitrig
