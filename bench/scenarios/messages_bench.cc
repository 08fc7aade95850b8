// Small messages between two tasks of a simulated world: through streams with codec and validation, and bare.
#include <array>
#include <cstddef>
#include <stdexcept>

#include "bench/scenarios/measured.h"
#include "protocol/runtime/connection.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/server_stream.h"

namespace jitrig::bench {
namespace {

constexpr std::size_t kSmallBytes = 36;
constexpr std::uint64_t kQueries = 500'000;
constexpr const char* kQuery = "VM_isClassArray";

void require(bool is_right) {
  if (!is_right) throw std::runtime_error("the measured conversation went wrong");
}

void readWhole(Connection& connection, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto read = connection.readSome(bytes, kNever);
    require(read && *read > 0);
    bytes = bytes.subspan(*read);
  }
}

/// Nothing but the simulator: ping-pong of as many bytes as a small message has.
double bareMessagesPerSecond(std::uint64_t rounds) {
  SimulatedRuntime runtime({.preempt_percent = 0});
  const double begin = cpuSeconds();
  runtime.runOrThrow([&] {
    const auto acceptor = runtime.listen({"127.0.0.1", 38400});
    const auto echo = runtime.spawn("echo", [&] {
      const auto connection = (*acceptor)->accept(kNever);
      std::array<std::byte, kSmallBytes> bytes{};
      for (std::uint64_t i = 0; i < rounds; ++i) {
        readWhole(**connection, bytes);
        require(writeAll(**connection, bytes, kNever).has_value());
      }
    });
    const auto connection = runtime.connect({"127.0.0.1", 38400}, kNever);
    std::array<std::byte, kSmallBytes> bytes{};
    for (std::uint64_t i = 0; i < rounds; ++i) {
      require(writeAll(**connection, bytes, kNever).has_value());
      readWhole(**connection, bytes);
    }
    echo->join();
  });
  return 2 * static_cast<double>(rounds) / (cpuSeconds() - begin);
}

/// The same as queries and replies of the protocol.
double streamMessagesPerSecond(std::uint64_t rounds) {
  const auto dialect = defaultDialect();
  const std::uint16_t type = dialect->table->numberOf(kQuery).value();
  SimulatedRuntime runtime({.preempt_percent = 0});
  double seconds = 0;
  runtime.runOrThrow([&] {
    auto [near, far] = runtime.makePipe("measured");
    const auto client = runtime.spawn("client", [&, near = std::move(near)]() mutable {
      ClientStream stream(runtime, std::make_unique<ConnectionByteStream>(std::move(near)), dialect, {});
      stream.buildCompileRequest(std::uint64_t{1});
      for (std::uint64_t i = 0; i < rounds; ++i) {
        require(stream.read() == type);
        stream.write(type, true);
      }
    });
    ServerStream stream(runtime, std::make_unique<ConnectionByteStream>(std::move(far)), dialect, {});
    stream.readCompileRequest();
    const double begin = cpuSeconds();
    for (std::uint64_t i = 0; i < rounds; ++i) {
      stream.write(type, std::uint64_t{i});
      stream.readReply();
    }
    seconds = cpuSeconds() - begin;
    client->join();
  });
  return 2 * static_cast<double>(rounds) / seconds;
}

}  // namespace

std::vector<Measured> measureMessages(double scale) {
  const auto rounds = static_cast<std::uint64_t>(scale * static_cast<double>(kQueries));
  const double bare = bareMessagesPerSecond(rounds);
  const double streams = streamMessagesPerSecond(rounds);
  return {{"small_messages_per_s", bare, ">= 1000000", bare >= 1e6},
          {"small_messages_of_streams_per_s", streams, "", true}};
}

}  // namespace jitrig::bench
