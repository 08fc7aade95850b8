#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "protocol/stream/connection_source.h"
#include "protocol/stream/listener.h"

namespace jitrig {

/// Where a server's connections come in: at a Listener, or, if there is one, by another carrier.
class ServerPort {
 public:
  /// Binds, or says why not. `carrier` may be empty; all references must outlive the port.
  NetResult<void> bind(Runtime& runtime, const ListenerOptions& options, const MakeConnectionSource& carrier,
                       ConnectionDispatcher& dispatcher) {
    if (carrier) return keep(carrier(dispatcher), carrier_);
    return keep(Listener::make(runtime, options, dispatcher), listener_);
  }

  /// Begins to accept. Once, after bind().
  void start() { listener_ ? listener_->start() : carrier_->start(); }

  /// Does nothing where bind() failed, or was not called.
  void stop() {
    if (listener_) listener_->stop();
    if (carrier_) carrier_->stop();
  }

  std::uint16_t number() const { return listener_ ? listener_->port() : carrier_->port(); }
  std::optional<std::uint16_t> healthPort() const {
    return listener_ ? listener_->healthPort() : std::nullopt;
  }
  /// Null with another carrier.
  const Listener* listener() const { return listener_.get(); }
  const ConnectionSource* carrier() const { return carrier_.get(); }

 private:
  template <typename Bound>
  static NetResult<void> keep(NetResult<std::unique_ptr<Bound>> bound, std::unique_ptr<Bound>& place) {
    if (!bound) return std::unexpected(bound.error());
    place = std::move(*bound);
    return {};
  }

  std::unique_ptr<Listener> listener_;         ///< or …
  std::unique_ptr<ConnectionSource> carrier_;  ///< … this
};

}  // namespace jitrig
