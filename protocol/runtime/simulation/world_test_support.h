#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::test {

using namespace std::chrono_literals;

inline std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Writes all of it, or says what went wrong.
inline NetResult<void> writeAll(Connection& connection, std::string_view text, Instant deadline = kNever) {
  std::span<const std::byte> rest = bytesOf(text);
  while (!rest.empty()) {
    const auto written = connection.writeSome(rest, deadline);
    if (!written) return std::unexpected(written.error());
    rest = rest.subspan(*written);
  }
  return {};
}

/// Reads exactly `size_bytes`, or fewer if the connection ends before; the sizes of the portions go to
/// `sizes`.
inline std::string readUpTo(Connection& connection, std::size_t size_bytes,
                            std::vector<std::size_t>* sizes = nullptr) {
  std::string text(size_bytes, '\0');
  std::size_t filled = 0;
  while (filled < size_bytes) {
    const auto taken = connection.readSome(std::as_writable_bytes(std::span(text)).subspan(filled), kNever);
    if (!taken) break;
    filled += *taken;
    if (sizes != nullptr) sizes->push_back(*taken);
  }
  text.resize(filled);
  return text;
}

/// Reads one portion; its error if there is none.
inline NetResult<std::string> readOnce(Connection& connection, Instant deadline = kNever) {
  std::string text(4096, '\0');
  const auto taken = connection.readSome(std::as_writable_bytes(std::span(text)), deadline);
  if (!taken) return std::unexpected(taken.error());
  text.resize(*taken);
  return text;
}

template <class T>
NetErrc codeOf(const NetResult<T>& result) {
  EXPECT_FALSE(result.has_value()) << "an error was expected";
  return result ? NetErrc::other : result.error().code;
}

struct ConnectedPair {
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<Connection> client;
  std::unique_ptr<Connection> server;
};

inline ConnectedPair makeConnectedPair(Runtime& runtime) {
  ConnectedPair pair;
  pair.acceptor = runtime.listen({}).value();
  pair.client = runtime.connect({.port = pair.acceptor->port()}, kNever).value();
  pair.server = pair.acceptor->accept(kNever).value();
  return pair;
}

/// Counts its destructions: what a stack that was unwound must have done.
class Witness {
 public:
  explicit Witness(std::atomic<int>& destroyed) : destroyed_(destroyed) {}
  ~Witness() { ++destroyed_; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

 private:
  std::atomic<int>& destroyed_;
};

}  // namespace jitrig::test
