#pragma once

// What the conformance tests of both Runtimes share.

#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/runtime_under_test.h"

namespace jitrig {

using std::chrono::milliseconds;

/// Long enough to be sure that a test hangs; reached only by a test that fails.
inline constexpr Duration kTestPatience = std::chrono::seconds(60);

/// For gtest's failure messages.
inline void PrintTo(NetErrc code, std::ostream* out) {
  *out << toString(code);
}

inline std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Lets other tasks come to where they wait. On the operating system only likely: no result may depend on it.
inline void letOthersWait(Runtime& runtime) {
  runtime.sleepUntil(runtime.now() + milliseconds(2));
}

template <class T>
T valueOrThrow(NetResult<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(toString(result.error().code)) + ": " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The error of a result that must be one.
template <class T>
NetErrc errorOf(const NetResult<T>& result) {
  if (result) throw std::runtime_error("a call went well that had to fail");
  return result.error().code;
}

struct ConnectedPair {
  std::unique_ptr<Connection> client;
  std::unique_ptr<Connection> server;
};

inline ConnectedPair connectThroughPort(Runtime& runtime, const std::string& host = "127.0.0.1") {
  const auto acceptor = valueOrThrow(runtime.listen({host, 0}));
  const Instant deadline = runtime.now() + kTestPatience;
  ConnectedPair pair;
  pair.client = valueOrThrow(runtime.connect({host, acceptor->port()}, deadline));
  pair.server = valueOrThrow(acceptor->accept(deadline));
  return pair;
}

inline ConnectedPair connectThroughPipe(Runtime& runtime) {
  auto [client, server] = runtime.makePipe("pipe#1");
  return {std::move(client), std::move(server)};
}

inline NetResult<void> writeAll(Connection& connection, std::string_view text, Instant deadline) {
  while (!text.empty()) {
    const NetResult<std::size_t> count = connection.writeSome(bytesOf(text), deadline);
    if (!count) return std::unexpected(count.error());
    text.remove_prefix(*count);
  }
  return {};
}

inline NetResult<std::string> readUpTo(Connection& connection, std::size_t size, Instant deadline) {
  std::string buffer(size, '\0');
  const NetResult<std::size_t> count =
      connection.readSome(std::as_writable_bytes(std::span(buffer)), deadline);
  if (!count) return std::unexpected(count.error());
  buffer.resize(*count);
  return buffer;
}

/// Exactly `size` bytes.
inline std::string readExactly(Runtime& runtime, Connection& connection, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += valueOrThrow(readUpTo(connection, size - text.size(), runtime.now() + kTestPatience));
  }
  return text;
}

struct Remainder {
  std::string text;
  NetErrc end = NetErrc::other;
};

/// Everything up to the first error.
inline Remainder readToEnd(Runtime& runtime, Connection& connection) {
  Remainder remainder;
  while (true) {
    NetResult<std::string> text = readUpTo(connection, 65536, runtime.now() + kTestPatience);
    if (!text) {
      remainder.end = text.error().code;
      return remainder;
    }
    remainder.text += *text;
  }
}

/// Waits until `waitable` is ready.
inline void waitUntilReady(Runtime& runtime, Waitable& waitable) {
  const auto selector = runtime.makeSelector("until ready");
  selector->add(waitable);
  if (selector->wait(runtime.now() + kTestPatience).empty()) throw std::runtime_error("never ready");
}

/// Text in which no two places look alike to a reader that is off by some bytes.
inline std::string patternOf(std::size_t size, std::uint64_t seed) {
  RandomStream stream(seed);
  std::string text(size, '\0');
  for (char& character : text) character = static_cast<char>('a' + stream.below(26));
  return text;
}

/// A way to get two connected ends.
struct Medium {
  std::string name;
  std::function<ConnectedPair(Runtime&)> connect;
  bool buffered = true;  ///< a write may end before anybody reads
};

inline std::vector<Medium> allMedia() {
  return {{"ipv4", [](Runtime& runtime) { return connectThroughPort(runtime, "127.0.0.1"); }, true},
          {"ipv6", [](Runtime& runtime) { return connectThroughPort(runtime, "::1"); }, true},
          {"pipe", connectThroughPipe, false}};
}

inline void PrintTo(const Medium& medium, std::ostream* out) {
  *out << medium.name;
}

/// Runs its body on every Runtime over every medium that the host has.
class OverMedium : public testing::TestWithParam<std::tuple<RuntimeUnderTest, Medium>> {
 protected:
  void run(const std::function<void(Runtime&, ConnectedPair)>& body) {
    const auto& [runtime_under_test, medium] = GetParam();
    runtime_under_test.run([&](Runtime& runtime) {
      if (medium.name == "ipv6") {
        if (const auto acceptor = runtime.listen({"::1", 0}); !acceptor) {
          // A host without IPv6: what can be asked of it is a clear answer.
          EXPECT_EQ(acceptor.error().code, NetErrc::unreachable);
          EXPECT_THAT(acceptor.error().detail, testing::StartsWith("listen on [::1]:0: "));
          return;
        }
      }
      body(runtime, medium.connect(runtime));
    });
  }
  const Medium& medium() const { return std::get<1>(GetParam()); }
};

/// Runs its body on every Runtime.
class OnRuntime : public testing::TestWithParam<RuntimeUnderTest> {
 protected:
  void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};

inline std::string nameOfRuntimeAndMedium(
    const testing::TestParamInfo<std::tuple<RuntimeUnderTest, Medium>>& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
}

}  // namespace jitrig
