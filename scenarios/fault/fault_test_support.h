#pragma once

// Two ends of a connection, one of them with faults, for the tests of this room.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/message.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/fault/injected_error.h"

namespace jitrig::test {

using Bytes = std::vector<std::byte>;

inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

/// Reached only by a test that fails.
inline Instant patience(Runtime& runtime) {
  return runtime.now() + std::chrono::hours(24 * 365);
}

inline std::unique_ptr<FaultSet> makeFaults(Runtime& runtime, std::vector<FaultSpec> specs) {
  auto made = FaultSet::make(runtime, headDialect(), std::move(specs));
  if (!made) throw std::runtime_error(made.error());
  return std::move(*made);
}

struct Ends {
  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> server;
};

inline Ends connectEnds(Runtime& runtime) {
  const auto acceptor = runtime.listen({.host = "127.0.0.1", .port = 0}).value();
  auto client = runtime.connect({.host = "127.0.0.1", .port = acceptor->port()}, patience(runtime)).value();
  auto server = acceptor->accept(patience(runtime)).value();
  return {std::make_unique<ConnectionByteStream>(std::move(client)),
          std::make_unique<ConnectionByteStream>(std::move(server))};
}

/// A message of that type with a string of that length.
inline Bytes messageOf(std::uint16_t type, std::size_t text_bytes, char letter = 'x') {
  Message message(type);
  setArgs(message, std::string(text_bytes, letter), std::uint32_t{7});
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

inline Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline Bytes firstOf(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// What came out of reading until it failed.
struct Received {
  Bytes bytes;
  NetError error;
  std::vector<std::size_t> portions;
  Instant ended;
};

inline Received receiveAll(Runtime& runtime, ByteStream& stream, Instant deadline,
                           std::size_t buffer_bytes = 4096) {
  Received received;
  Bytes buffer(buffer_bytes);
  while (true) {
    const auto count = stream.readSome(buffer, deadline);
    received.ended = runtime.now();
    if (!count) {
      received.error = count.error();
      return received;
    }
    received.portions.push_back(*count);
    received.bytes.insert(received.bytes.end(), buffer.begin(),
                          buffer.begin() + static_cast<std::ptrdiff_t>(*count));
  }
}

inline FaultSpec faultOf(std::string action, FaultPlace place = FaultPlace::beforeMessage,
                         std::map<std::string, std::string> parameters = {}) {
  FaultSpec spec;
  spec.action = std::move(action);
  spec.parameters = std::move(parameters);
  spec.trigger.place = place;
  return spec;
}

/// Some type that means nothing to a stream.
inline constexpr std::uint16_t kType = 100;

/// In every Runtime. The tests of one suite are in several files.
class FaultSetTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  static void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};

/// Everything that has to do with time runs here.
inline void simulate(const std::function<void(Runtime&)>& body) {
  for (const RuntimeUnderTest& house : allRuntimes()) {
    if (house.name != "operating_system") house.run(body);
  }
}

inline FaultSpec dropAll() {
  FaultSpec spec = faultOf("drop");
  spec.trigger.count = std::nullopt;
  return spec;
}

inline Message request() {
  Message message(headDialect()->compilation_request);
  setArgs(message, std::uint32_t{1});
  return message;
}

inline Bytes bytesOf(const Message& message) {
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

/// The client writes all of that, and closes; what the server reads.
inline Received transfer(Runtime& runtime, FaultSet& faults, const std::vector<Bytes>& messages) {
  Ends ends = connectEnds(runtime);
  ends.client = faults.decorate(std::move(ends.client), Direction::client);
  const auto writer = runtime.spawn("writer", [&] {
    for (const Bytes& message : messages) {
      if (!writeAll(*ends.client, message, patience(runtime))) return;
    }
    static_cast<void>(ends.client->closeWrite());
  });
  Received received = receiveAll(runtime, *ends.server, patience(runtime));
  writer->join();
  return received;
}

}  // namespace jitrig::test
