// Messages there and back over loopback, typed on both sides, beside the same byte counts by bare calls.

#include <benchmark/benchmark.h>
#include <stdexcept>
#include <type_traits>

#include "bench/stream/measured_ends.h"
#include "bench/stream/measured_messages.h"
#include "bench/stream/one_cpu.h"
#include "bench/stream/paired_times.h"
#include "protocol/wire/args_raw.h"

namespace jitrig::bench {
namespace {

constexpr int kRoundTrips = 400;  // a block of some milliseconds

void expectEqual(bool equal) {
  if (!equal) throw std::runtime_error("the answer is not what was sent");
}

template <class Jitrig>
void measureBesideEcho(benchmark::State& state, Carrier carrier, std::size_t size, const Jitrig& round_trip) {
  BareEcho echo(carrier, size);
  measurePairs(
      state, kRoundTrips,
      [&] {
        for (int round = 0; round < kRoundTrips; ++round) round_trip();
      },
      [&] {
        for (int round = 0; round < kRoundTrips; ++round) echo.roundTrip();
      });
  state.counters["bytes"] = static_cast<double>(size);
}

/// (1): the server asks, the client answers with the same two values.
void smallMessage(benchmark::State& state, Carrier carrier) {
  const OneCpu one_cpu;
  StreamPair streams(carrier);
  streams.answer([&client = *streams.client] {
    const std::uint16_t type = client.read();
    const auto [pointer, number] = client.getRecvData<void*, std::int32_t>();
    client.write(type, pointer, number);
  });
  void* const sent_pointer = &state;
  std::int32_t sent_number = 0;
  Message message(streams.query);
  setArgs(message, sent_pointer, sent_number);
  measureBesideEcho(state, carrier, message.size(), [&] {
    streams.server->write(streams.query, sent_pointer, ++sent_number);
    const auto [pointer, number] = streams.server->read<void*, std::int32_t>();
    expectEqual(pointer == sent_pointer && number == sent_number);
  });
  streams.server.reset();
  streams.join();
}

/// (5): the client sends its request, the server sends the same 26 data points back, as a query.
template <class... T>
void request(benchmark::State& state, Carrier carrier, std::type_identity<std::tuple<T...>>) {
  const Message recorded = recordedRequest();
  const std::tuple<T...> sent = getArgs<T...>(recorded).value();
  const OneCpu one_cpu;
  StreamPair streams(carrier);
  streams.answer([&server = *streams.server, type = streams.query] {
    const std::tuple<T...> received = server.readCompileRequest<T...>();
    std::apply([&](const T&... args) { server.write(type, args...); }, received);
  });
  measureBesideEcho(state, carrier, recorded.size(), [&] {
    std::apply([&](const T&... args) { streams.client->buildCompileRequest(args...); }, sent);
    streams.client->read();
    const std::tuple<T...> back = streams.client->getRecvData<T...>();
    expectEqual(std::get<0>(back) == std::get<0>(sent) && std::get<6>(back) == std::get<6>(sent) &&
                std::get<25>(back) == std::get<25>(sent));
  });
  streams.client.reset();
  streams.join();
}

void compilationRequest(benchmark::State& state, Carrier carrier) {
  request(state, carrier, std::type_identity<CompilationRequest>());
}

void measured(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(PairedTimes::kPairs)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(smallMessage, plain, Carrier::plain)->Name("ping_pong/plain/1")->Apply(measured);
BENCHMARK_CAPTURE(compilationRequest, plain, Carrier::plain)->Name("ping_pong/plain/5")->Apply(measured);
BENCHMARK_CAPTURE(smallMessage, tls, Carrier::tls)->Name("ping_pong/tls/1")->Apply(measured);
BENCHMARK_CAPTURE(compilationRequest, tls, Carrier::tls)->Name("ping_pong/tls/5")->Apply(measured);

}  // namespace
}  // namespace jitrig::bench
