#pragma once

// What the tests of TLS share: two ends, and what they are set up with.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
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
#include "protocol/stream/certificates/certificate_authority.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {

/// One for all tests of a process: the keys take time.
inline const CertificateAuthority& testAuthority() {
  static const CertificateAuthority authority;
  return authority;
}

inline const TlsIdentity& testServerIdentity() {
  static const TlsIdentity identity = testAuthority().issue(localhostCertificate());
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

  /// Of a handshake that went well.
  TlsByteStream& clientStream() { return *client.value(); }
  TlsByteStream& serverStream() { return *server.value(); }
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

/// Both handshakes at once, over the given pair. An end that failed has closed its side.
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

/// A handshake that has to go well.
inline TlsPair connected(Runtime& runtime, const TlsEnds& contexts, StreamPair pair,
                         const std::string& server_name = "localhost") {
  TlsPair tls = handshake(runtime, contexts, std::move(pair), server_name);
  if (!tls.client || !tls.server) {
    throw std::runtime_error("client: " + textOf(tls.client) + "; server: " + textOf(tls.server));
  }
  return tls;
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

/// What a WatchedStream does, and what it saw. Outlives it.
struct Watch {
  std::optional<std::size_t> read_limit;  ///< so many bytes more, then the end of file
  std::optional<std::size_t> flip_at;  ///< of the bytes read from now on, this one has its lowest bit flipped
  std::optional<std::size_t> at_a_time;    ///< at most so many bytes are handed over and taken per call
  std::optional<std::size_t> write_limit;  ///< so many bytes more, then nothing is taken before the deadline

  std::size_t bytes_read = 0;
  int reads = 0;
  int writes = 0;
  std::vector<std::byte> written;
  std::vector<std::string>
      events;  ///< "write" (one or several), "closeWrite", "reset", "cancel", "destroyed"
};

class WatchedStream final : public ByteStreamDecorator {
 public:
  WatchedStream(std::unique_ptr<ByteStream> stream, Watch& watch)
      : ByteStreamDecorator(std::move(stream)), watch_(watch) {}
  ~WatchedStream() override { watch_.events.emplace_back("destroyed"); }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    ++watch_.reads;
    if (watch_.at_a_time) buffer = buffer.first(std::min(buffer.size(), *watch_.at_a_time));
    if (watch_.read_limit) buffer = buffer.first(std::min(buffer.size(), *watch_.read_limit));
    if (buffer.empty()) return std::unexpected(NetError{NetErrc::endOfFile, "end of file"});
    const auto count = ByteStreamDecorator::readSome(buffer, deadline);
    if (!count) return count;
    watch_.bytes_read += *count;
    if (watch_.read_limit) *watch_.read_limit -= *count;
    if (watch_.flip_at && *watch_.flip_at < *count) {
      buffer[*watch_.flip_at] ^= std::byte{1};
      watch_.flip_at.reset();
    } else if (watch_.flip_at) {
      *watch_.flip_at -= *count;
    }
    return count;
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    if (watch_.at_a_time) bytes = bytes.first(std::min(bytes.size(), *watch_.at_a_time));
    if (watch_.write_limit) bytes = bytes.first(std::min(bytes.size(), *watch_.write_limit));
    if (bytes.empty()) return std::unexpected(NetError{NetErrc::timedOut, "the deadline passed"});
    const auto count = ByteStreamDecorator::writeSome(bytes, deadline);
    if (!count) return count;
    ++watch_.writes;
    if (watch_.events.empty() || watch_.events.back() != "write") watch_.events.emplace_back("write");
    watch_.written.insert(watch_.written.end(), bytes.begin(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(*count));
    if (watch_.write_limit) *watch_.write_limit -= *count;
    return count;
  }
  NetResult<void> closeWrite() override {
    watch_.events.emplace_back("closeWrite");
    return ByteStreamDecorator::closeWrite();
  }
  void reset() override {
    watch_.events.emplace_back("reset");
    ByteStreamDecorator::reset();
  }
  void cancel() override {
    watch_.events.emplace_back("cancel");
    ByteStreamDecorator::cancel();
  }

 private:
  Watch& watch_;
};

/// Both ends of a connection, watched.
struct WatchedPair {
  Watch client;
  Watch server;

  StreamPair watched(StreamPair pair) {
    return {std::make_unique<WatchedStream>(std::move(pair.client), client),
            std::make_unique<WatchedStream>(std::move(pair.server), server)};
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
