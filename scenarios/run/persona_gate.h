#pragma once

#include <memory>
#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"

namespace jitrig {

/// Stands in for SIGSTOP where a persona is no process of its own: as long as the gate is shut, no call on
/// its streams returns, whatever its deadline. What has passed its deadline meanwhile is found so afterwards.
/// Thread-safe; outlives its streams.
class PersonaGate {
 public:
  explicit PersonaGate(Runtime& runtime);

  /// Around each stream of the persona.
  std::unique_ptr<ByteStream> guard(std::unique_ptr<ByteStream> stream);

  void shut();
  void open();

 private:
  class GuardedStream;

  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> opened_;
  bool shut_ = false;
};

}  // namespace jitrig
