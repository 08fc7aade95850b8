#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "capture/captured_connection.h"
#include "capture/traffic_sink.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"

namespace jitrig {

/// Records what goes through any number of ByteStreams into one sink: bytes of both directions with their
/// times, opened, closed and broken connections. Times count from the Runtime's beginning.
///
/// Thread-safe within its Runtime; the sink is called by one task at a time. A sink that fails ends the
/// recording, never the traffic: see error(). Record each connection at one of its ends only. Bytes are
/// recorded when the stream has read them, or handed them over: of a write and a read that two tasks make at
/// the same time, either may come first.
class Recording {
 public:
  /// Both outlive the recording, and the recording outlives its streams.
  Recording(Runtime& runtime, TrafficSink& sink);

  /// A stream that does what `stream` does, and is recorded. `local` says whether this end opened the
  /// connection (initiator) or accepted it. A name that is no address, as a pipe's, stands as a made-up one
  /// in 127.0.1.0/24.
  std::unique_ptr<ByteStream> record(std::unique_ptr<ByteStream> stream, Peer local);

  /// Why the recording stopped; nothing if it did not.
  std::optional<std::string> error() const;

 private:
  friend class Recorder;

  void data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes);
  void close(std::uint32_t connection, Peer sender, StreamEnd how);
  void forget(std::uint32_t connection, Peer local);
  void take(const TrafficSink::Result& result);

  Runtime& runtime_;
  TrafficSink& sink_;
  std::unique_ptr<Mutex> mutex_;
  std::uint32_t connections_ = 0;
  std::map<std::uint32_t, std::array<bool, 2>> closed_;  ///< by connection, then by sender
  std::optional<std::string> error_;
};

}  // namespace jitrig
