#pragma once

// What the tests of this room share: two streams over whatever carries bytes, in every Runtime.

#include <chrono>
#include <cstddef>
#include <exception>
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
#include <typeinfo>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/server_stream.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig {

using std::chrono::milliseconds;

/// defaultDialect(), read once.
inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> dialect = defaultDialect();
  return dialect;
}

inline std::uint16_t numberOf(std::string_view type) {
  return headDialect()->table->numberOf(type).value();
}

/// The two ends of a connection.
struct StreamPair {
  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> server;
};

template <class T>
T valueOrThrow(NetResult<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(toString(result.error().code)) + ": " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A deadline that only a test that fails reaches.
inline Instant patience(Runtime& runtime) {
  return runtime.now() + std::chrono::seconds(60);
}

inline std::vector<std::byte> readExactly(Runtime& runtime, ByteStream& stream, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t arrived = 0; arrived < size;) {
    arrived += valueOrThrow(stream.readSome(std::span(bytes).subspan(arrived), patience(runtime)));
  }
  return bytes;
}

inline StreamPair connectThroughPort(Runtime& runtime) {
  const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
  auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, patience(runtime)));
  auto server = valueOrThrow(acceptor->accept(patience(runtime)));
  return {std::make_unique<ConnectionByteStream>(std::move(client)),
          std::make_unique<ConnectionByteStream>(std::move(server))};
}

inline StreamPair connectThroughPipe(Runtime& runtime) {
  auto [client, server] = runtime.makePipe("pipe#1");
  return {std::make_unique<ConnectionByteStream>(std::move(client)),
          std::make_unique<ConnectionByteStream>(std::move(server))};
}

/// What carries the bytes of a test.
struct Carrier {
  std::string name;
  std::function<StreamPair(Runtime&)> connect;
};

inline std::vector<Carrier> allCarriers() {
  return {{"tcp", connectThroughPort}, {"pipe", connectThroughPipe}};
}

inline void PrintTo(const Carrier& carrier, std::ostream* out) {
  *out << carrier.name;
}

/// Runs its body in every Runtime over every carrier.
class OverEveryCarrier : public ::testing::TestWithParam<std::tuple<RuntimeUnderTest, Carrier>> {
 protected:
  void run(const std::function<void(Runtime&, StreamPair)>& body) {
    const auto& [runtime_under_test, carrier] = GetParam();
    runtime_under_test.run([&](Runtime& runtime) { body(runtime, carrier.connect(runtime)); });
  }

  /// The client's part in the main task, the server's in one of its own. Each part's stream ends with it, so
  /// the other part does not wait for ever; both parts' exceptions come out, the server's first: it is seldom
  /// the consequence.
  void converse(const std::function<void(ClientStream&)>& client_part,
                const std::function<void(ServerStream&)>& server_part) {
    run([&](Runtime& runtime, StreamPair pair) {
      const auto server = runtime.spawn("server", [&] {
        ServerStream stream(runtime, std::move(pair.server), server_dialect, server_options);
        server_part(stream);
      });
      std::exception_ptr client_failure;
      try {
        ClientStream stream(runtime, std::move(pair.client), client_dialect, client_options);
        client_part(stream);
      } catch (const std::exception&) {
        client_failure = std::current_exception();
      }
      server->join();
      if (client_failure) std::rethrow_exception(client_failure);
    });
  }

  std::shared_ptr<const Dialect> client_dialect = headDialect();
  std::shared_ptr<const Dialect> server_dialect = headDialect();
  StreamOptions client_options;
  ServerStreamOptions server_options;
};

inline constexpr auto nameOfRuntimeAndCarrier = [](const auto& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
};

#define JITRIG_OVER_EVERY_CARRIER(suite)                                                                   \
  INSTANTIATE_TEST_SUITE_P(                                                                                \
      , suite, ::testing::Combine(::testing::ValuesIn(allRuntimes()), ::testing::ValuesIn(allCarriers())), \
      nameOfRuntimeAndCarrier)

template <class... T>
std::vector<std::byte> messageBytes(std::uint16_t type, const T&... args) {
  Message message(type);
  if constexpr (sizeof...(T) != 0) setArgs(message, args...);
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

/// Writes all of it from a task of its own: on the pipe a write waits for its reader. That the reader gives
/// up before the end is no error.
inline std::unique_ptr<Task> spawnWriter(Runtime& runtime, ByteStream& stream, std::vector<std::byte> bytes) {
  return runtime.spawn("peer that writes", [&runtime, &stream, bytes = std::move(bytes)] {
    static_cast<void>(writeAll(stream, bytes, patience(runtime)));
  });
}

inline std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// The exception that `call` must throw, of type E and of none derived from it; the test fails, by another
/// exception, if it throws none.
template <class E, class Call>
E thrownBy(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const E& exception) {
    EXPECT_TRUE(typeid(exception) == typeid(E)) << typeid(exception).name() << ": " << exception.what();
    return exception;
  }
  throw std::logic_error("a call went well that had to throw");
}

/// As thrownBy<StreamFailure>, and of this cause.
template <class Call>
StreamFailure failureOf(StreamFailure::Cause cause, Call&& call) {
  StreamFailure failure = thrownBy<StreamFailure>(std::forward<Call>(call));
  EXPECT_EQ(failure.cause(), cause) << failure.what();
  return failure;
}

}  // namespace jitrig
