// Connections accepted and handed over by a Listener, beside bare accept() and bare handshakes.

#include <benchmark/benchmark.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include "bench/stream/measured_ends.h"
#include "bench/stream/paired_times.h"
#include "protocol/stream/listener.h"

namespace jitrig::bench {
namespace {

constexpr int kCrowd = 400;      // connections that wait at the port: fewer than the kernel's SOMAXCONN
constexpr int kHandshakes = 20;  // one after the other; a block takes some ten milliseconds

constexpr std::byte kGreeting{1};

/// Greets what it gets: the client has the greeting once its connection was handed over. Then closes it, or
/// keeps it until the end, where closing is not to be measured.
class Greeter final : public ConnectionDispatcher {
 public:
  explicit Greeter(bool keeps) : keeps_(keeps) {}
  void onConnection(std::unique_ptr<ByteStream> stream) override {
    const auto written = stream->writeSome(std::span(&kGreeting, 1), kAtOnce);
    if (!written) throw std::runtime_error(written.error().detail);
    if (keeps_) kept_.push_back(std::move(stream));
  }
  void onHandshakeFailure(const std::string& name, const NetError& error) override {
    throw std::runtime_error(name + ": " + error.detail);
  }

 private:
  bool keeps_;
  std::vector<std::unique_ptr<ByteStream>> kept_;
};

std::unique_ptr<Listener> makeListener(Runtime& runtime, ConnectionDispatcher& dispatcher,
                                       std::shared_ptr<TlsContext> tls) {
  ListenerOptions options{.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
  options.tls = std::move(tls);
  return valueOrThrow(Listener::make(runtime, options, dispatcher));
}

void awaitGreeting(const Descriptor& client) {
  std::byte greeting{};
  if (!readBare(client, std::span(&greeting, 1))) throw std::runtime_error("closed without a greeting");
}

/// Clients that are connected before anybody accepts them, and close with a reset, without TIME_WAIT.
std::vector<Descriptor> makeCrowd(std::uint16_t port) {
  std::vector<Descriptor> crowd;
  for (int client = 0; client < kCrowd; ++client) {
    crowd.push_back(connectBareTo(port));
    resetOnClose(crowd.back());
  }
  return crowd;
}

double secondsOfListener() {
  OperatingSystemRuntime runtime;
  Greeter greeter(true);
  const auto listener = makeListener(runtime, greeter, nullptr);
  const std::vector<Descriptor> crowd = makeCrowd(listener->port());
  const double seconds = secondsOf([&] {
    listener->start();
    for (const Descriptor& client : crowd) awaitGreeting(client);
  });
  listener->stop();
  return seconds;
}

double secondsOfBareAccept() {
  const Descriptor listening = listenBare();
  const std::vector<Descriptor> crowd = makeCrowd(portOf(listening));
  std::vector<Descriptor> accepted;
  std::thread accepting;
  const double seconds = secondsOf([&] {
    accepting = std::thread([&] {
      for (int client = 0; client < kCrowd; ++client) {
        Descriptor connected(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
        setConnectionOptions(connected);
        writeBare(connected, std::span(&kGreeting, 1));
        accepted.push_back(std::move(connected));
      }
    });
    for (const Descriptor& client : crowd) awaitGreeting(client);
  });
  accepting.join();
  return seconds;
}

void reportRates(benchmark::State& state) {
  constexpr double kMicrosecondsPerSecond = 1e6;
  state.counters["jitrig_per_s"] = kMicrosecondsPerSecond / state.counters["jitrig_us"].value;
  state.counters["bare_per_s"] = kMicrosecondsPerSecond / state.counters["bare_us"].value;
}

void acceptPlain(benchmark::State& state) {
  PairedTimes times;
  secondsOfListener();
  secondsOfBareAccept();
  for (auto iteration : state) {
    const double jitrig_s = secondsOfListener();
    times.add(jitrig_s, secondsOfBareAccept());
    state.SetIterationTime(jitrig_s);
  }
  times.report(state, kCrowd);
  reportRates(state);
}

/// A bare client that connects, handshakes, reads the greeting and closes, one connection after the other.
class HandshakingClient {
 public:
  explicit HandshakingClient(bool resumes) : resumes_(resumes) {}

  void connectOften(std::uint16_t port) {
    for (int handshake = 0; handshake < kHandshakes; ++handshake) connectOnce(port);
  }

 private:
  void connectOnce(std::uint16_t port) {
    const Descriptor socket = connectBareTo(port);
    setConnectionOptions(socket);
    resetOnClose(socket);
    const auto tls = context_.connect(socket, session_.get());
    std::byte greeting{};
    if (!readBare(*tls, std::span(&greeting, 1))) throw std::runtime_error("closed without a greeting");
    if (isResumed(*tls) != (session_ != nullptr)) throw std::runtime_error("not resumed as it should be");
    if (resumes_) session_ = sessionOf(*tls);
  }

  BareTlsContext context_ = BareTlsContext::client(certificates().authority.certificate());
  bool resumes_;
  BareTlsPointer<ssl_session_st> session_;
};

void acceptTls(benchmark::State& state, bool resumes) {
  OperatingSystemRuntime runtime;
  Greeter greeter(false);
  const auto listener = makeListener(runtime, greeter, tlsServer(runtime));
  listener->start();

  const BareTlsContext bare = BareTlsContext::server(certificates().server);
  const Descriptor listening = listenBare();
  std::thread accepting([&] {
    while (true) {
      const Descriptor connected(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connected.valid()) return;
      setConnectionOptions(connected);
      writeBare(*bare.accept(connected), std::span(&kGreeting, 1));
    }
  });

  HandshakingClient of_listener(resumes);
  HandshakingClient of_bare(resumes);
  measurePairs(
      state, kHandshakes, [&] { of_listener.connectOften(listener->port()); },
      [&] { of_bare.connectOften(portOf(listening)); });
  reportRates(state);
  shutdown(listening.number(), SHUT_RD);  // ends accept4()
  accepting.join();
  listener->stop();
}

void measured(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(PairedTimes::kPairs)->Unit(benchmark::kMillisecond);
}

BENCHMARK(acceptPlain)->Name("accept/plain")->Apply(measured);
BENCHMARK_CAPTURE(acceptTls, full, false)->Name("accept/tls/full")->Apply(measured);
BENCHMARK_CAPTURE(acceptTls, resumed, true)->Name("accept/tls/resumed")->Apply(measured);

}  // namespace
}  // namespace jitrig::bench
