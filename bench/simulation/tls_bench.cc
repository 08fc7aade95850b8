// TLS in a world: a handshake of both sides, and the contexts that it takes.

#include <benchmark/benchmark.h>
#include <chrono>
#include <memory>
#include <utility>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/certificates/certificate_authority.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig::bench {
namespace {

struct Ends {
  TlsServerOptions server;
  TlsClientOptions client;
};

const Ends& ends() {
  static const Ends kEnds = [] {
    const CertificateAuthority authority("an authority", 1);
    CertificateRequest request = localhostCertificate();
    request.key = KeyType::ed25519;
    request.key_seed = 2;
    Ends made;
    made.server.identity = authority.issue(request);
    made.client.root_certificates = authority.certificate();
    makeRepeatable(made.server);
    makeRepeatable(made.client);
    return made;
  }();
  return kEnds;
}

void handshakes(benchmark::State& state) {
  SimulatedRuntime runtime(SimulationOptions{.step_budget = UINT64_MAX});
  runtime.runOrThrow([&] {
    const auto server_context = TlsContext::makeServer(runtime, ends().server).value();
    const auto client_context = TlsContext::makeClient(runtime, ends().client).value();
    const auto acceptor = runtime.listen({.port = 38400}).value();
    for (auto _ : state) {
      const Instant deadline = runtime.now() + std::chrono::seconds(30);
      auto connection = runtime.connect({.port = 38400}, deadline).value();
      const auto server = runtime.spawn("server", [&] {
        const auto stream = TlsByteStream::accept(
            runtime, server_context,
            std::make_unique<ConnectionByteStream>(acceptor->accept(deadline).value()), deadline);
        if (!stream) state.SkipWithError(stream.error().detail.c_str());
      });
      const auto stream = TlsByteStream::connect(
          runtime, client_context, std::make_unique<ConnectionByteStream>(std::move(connection)), "localhost",
          deadline);
      if (!stream) state.SkipWithError(stream.error().detail.c_str());
      server->join();
    }
  });
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(handshakes)->Name("tls/handshake_of_both_sides")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jitrig::bench
