#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "protocol/stream/listener.h"

namespace jitrig {

/// Whoever brings a server its connections where that is not a Listener, but another carrier than sockets.
class ConnectionSource {
 public:
  virtual ~ConnectionSource() = default;
  /// As Listener has them.
  virtual void start() = 0;
  virtual void stop() = 0;
  virtual std::uint16_t port() const = 0;
  virtual bool usesTls() const = 0;
};

/// Binds its port, or says why not. The dispatcher will outlive it.
using MakeConnectionSource =
    std::function<NetResult<std::unique_ptr<ConnectionSource>>(ConnectionDispatcher& dispatcher)>;

}  // namespace jitrig
