#pragma once

#include <gmock/gmock.h>
#include <memory>
#include <string>

#include "protocol/stream/listener.h"

namespace jitrig {

/// What a Listener hands its connections to. Left alone, it closes them.
class MockConnectionDispatcher : public ConnectionDispatcher {
 public:
  MOCK_METHOD(void, onConnection, (std::unique_ptr<ByteStream> stream), (override));
  MOCK_METHOD(void, onHandshakeFailure, (const std::string& name, const NetError& error), (override));
};

}  // namespace jitrig
