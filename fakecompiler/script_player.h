#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fakecompiler/script.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Deals the script's compilations out to the requests that come in. Thread-safe.
class ScriptPlayer {
 public:
  /// The script is one from encodeOnce().
  ScriptPlayer(Runtime& runtime, std::shared_ptr<const Script> script);

  /// The compilation for this request: the first not yet played that was recorded for the same request
  /// (client UID and sequence numbers aside), else the first not yet played; when all were played they begin
  /// again. The reference lives as long as the player.
  const ScriptedCompilation& take(MessageView request);

  const Script& script() const { return *script_; }

 private:
  std::size_t choose(MessageView request) const;

  const std::shared_ptr<const Script> script_;
  bool has_recorded_requests_ = false;
  std::unique_ptr<Mutex> mutex_;
  std::vector<bool> played_;
  std::size_t played_count_ = 0;
  std::size_t first_unplayed_ = 0;
};

}  // namespace jitrig
