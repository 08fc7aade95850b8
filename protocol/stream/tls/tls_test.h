#pragma once

// What the tests of TLS share: two ends, and what they are set up with.

#include <chrono>
#include <cstddef>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/tls/test_certificates.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {

/// One for all tests of a process: the keys take time.
inline const TestAuthority& testAuthority() {
  static const TestAuthority authority;
  return authority;
}

inline const TlsIdentity& testServerIdentity() {
  static const TlsIdentity identity = testAuthority().issue(testServerCertificate());
  return identity;
}

inline TlsServerOptions testServerOptions() {
  TlsServerOptions options;
  options.identity = testServerIdentity();
  return options;
}

inline TlsClientOptions testClientOptions() {
  TlsClientOptions options;
  options.root_certificates = testAuthority().certificate();
  return options;
}

template <class T>
T valueOrThrow(TlsSetup<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

using TlsResult = NetResult<std::unique_ptr<TlsByteStream>>;

/// What a handshake came to on both sides.
struct TlsPair {
  TlsResult client;
  TlsResult server;
};

/// "tls: certificate verify failed", or "connected".
inline std::string textOf(const TlsResult& result) {
  if (result) return "connected";
  return std::string(toString(result.error().code)) + ": " + result.error().detail;
}

struct TlsEnds {
  std::shared_ptr<TlsContext> client;
  std::shared_ptr<TlsContext> server;
};

inline TlsEnds testContexts(Runtime& runtime, const TlsClientOptions& client = testClientOptions(),
                            const TlsServerOptions& server = testServerOptions()) {
  return {valueOrThrow(TlsContext::makeClient(runtime, client)),
          valueOrThrow(TlsContext::makeServer(runtime, server))};
}

/// Both handshakes at once, over the given pair. An end that failed closes its side.
inline TlsPair handshake(Runtime& runtime, const TlsEnds& contexts, StreamPair pair,
                         const std::string& server_name = "localhost") {
  TlsPair result{std::unexpected(NetError{}), std::unexpected(NetError{})};
  const auto server = runtime.spawn("server", [&] {
    result.server =
        TlsByteStream::accept(runtime, contexts.server, std::move(pair.server), patience(runtime));
  });
  result.client = TlsByteStream::connect(runtime, contexts.client, std::move(pair.client), server_name,
                                         patience(runtime));
  server->join();
  return result;
}

inline void writeText(Runtime& runtime, ByteStream& stream, std::string_view text) {
  valueOrThrow(writeAll(stream, std::as_bytes(std::span(text)), patience(runtime)));
}

inline std::string readText(Runtime& runtime, ByteStream& stream, std::size_t size) {
  const std::vector<std::byte> bytes = readExactly(runtime, stream, size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The error of a read that must fail.
inline NetError readError(ByteStream& stream, Instant deadline) {
  std::byte byte{};
  const auto read = stream.readSome(std::span(&byte, 1), deadline);
  if (read) throw std::runtime_error("a read went well that had to fail");
  return read.error();
}

/// Hands over and takes one byte per call.
class OneByteAtATime final : public ByteStreamDecorator {
 public:
  using ByteStreamDecorator::ByteStreamDecorator;
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return ByteStreamDecorator::readSome(buffer.first(1), deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return ByteStreamDecorator::writeSome(bytes.first(1), deadline);
  }
};

/// Runs its body in every Runtime.
class TlsTest : public testing::TestWithParam<RuntimeUnderTest> {
 protected:
  void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};

#define JITRIG_TLS_IN_EVERY_RUNTIME(suite) \
  INSTANTIATE_TEST_SUITE_P(, suite, testing::ValuesIn(allRuntimes()), nameOfRuntime)

}  // namespace jitrig
