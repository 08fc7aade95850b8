#pragma once

#include <gmock/gmock.h>
#include <memory>

#include "protocol/stream/listener.h"

namespace jitrig {

/// What a Listener hands its connections to. Left alone, it closes them.
class MockConnectionDispatcher : public ConnectionDispatcher {
 public:
  MOCK_METHOD(void, onConnection, (std::unique_ptr<ByteStream> stream), (override));
};

}  // namespace jitrig
