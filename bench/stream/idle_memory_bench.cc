// What an idle connection of a server costs in user memory: the fake compiler's, beside OpenSSL's own
// session.

#include <benchmark/benchmark.h>
#include <cstring>
#include <malloc.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "bench/stream/measured_ends.h"
#include "bench/stream/measured_messages.h"
#include "fakecompiler/fake_compiler.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/args_raw.h"

namespace jitrig::bench {
namespace {

constexpr std::size_t kConnections = 1000;

/// In use by this process, all arenas together, as the allocator counts: its own overhead included, memory
/// that it keeps for later excluded.
double bytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

void allowDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// One client of the crowd: bare, so that only its bytes are ours.
class BareClient {
 public:
  BareClient(std::uint16_t port, const BareTlsContext* tls) : socket_(connectBareTo(port)) {
    setConnectionOptions(socket_);
    if (tls != nullptr) tls_ = tls->connect(socket_);
  }

  /// A compilation: the request, then an answer to every query, until the code has come.
  void compile(const Message& request, std::span<const std::byte> answer, std::uint16_t last_type) {
    write(request.serialize());
    while (readType() != last_type) write(answer);
  }

 private:
  void write(std::span<const std::byte> bytes) { tls_ ? writeBare(*tls_, bytes) : writeBare(socket_, bytes); }
  void read(std::span<std::byte> bytes) {
    if (!(tls_ ? readBare(*tls_, bytes) : readBare(socket_, bytes))) throw std::runtime_error("closed");
  }
  std::uint16_t readType() {
    std::uint32_t size = 0;
    read(std::as_writable_bytes(std::span(&size, 1)));
    std::vector<std::byte> rest(size - sizeof size);
    read(rest);
    std::uint16_t type = 0;
    std::memcpy(&type, rest.data() + 8, sizeof type);  // behind version and configuration
    return type;
  }

  Descriptor socket_;
  BareTlsPointer<ssl_st> tls_;
};

Message requestOf(std::uint64_t client_uid) {
  const Message recorded = recordedRequest();
  const auto make = [&]<class... T>(std::type_identity<std::tuple<T...>>) {
    auto values = getArgs<T...>(recorded).value();
    std::get<0>(values) = client_uid;
    Message request;
    request.start(recorded.type(), recorded.version(), recorded.config());
    std::apply([&](const T&... args) { setArgs(request, args...); }, values);
    return request;
  };
  return make(std::type_identity<CompilationRequest>());
}

/// The clients, in a process of their own: their memory is not to be counted. Each step that it is told to do
/// is acknowledged with a byte.
class ClientProcess {
 public:
  enum class Step : char { connect = 'c', compile = 'm' };

  ClientProcess(std::uint16_t port, Carrier carrier, std::size_t clients) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    near_ = Descriptor(ends[0]);
    Descriptor far(ends[1]);
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("fork");
    if (process_ > 0) return;
    near_.close();
    int status = 1;
    try {
      run(far, port, carrier, clients);
      status = 0;
    } catch (const std::exception& error) {
      static_cast<void>(fputs(error.what(), stderr));
    }
    _exit(status);
  }
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;
  ~ClientProcess() {
    near_.close();
    waitpid(process_, nullptr, 0);
  }

  void begin(Step step) { writeBare(near_, std::as_bytes(std::span(&step, 1))); }
  void finish() {
    std::byte done{};
    if (!readBare(near_, std::span(&done, 1))) throw std::runtime_error("the clients have failed");
  }

 private:
  static void run(const Descriptor& orders, std::uint16_t port, Carrier carrier, std::size_t count) {
    const BareTlsContext tls = BareTlsContext::client(certificates().authority.certificate());
    const auto dialect = defaultDialect();
    Message answer(dialect->table->numberOf("VM_isClassArray").value());
    setArgs(answer, true);
    std::vector<BareClient> clients;
    Step step{};
    while (readBare(orders, std::as_writable_bytes(std::span(&step, 1)))) {
      for (std::size_t client = 0; client < count; ++client) {
        if (step == Step::connect) {
          clients.emplace_back(port, carrier == Carrier::tls ? &tls : nullptr);
        } else {
          clients[client].compile(requestOf(client + 1), answer.serialize(), dialect->compilation_code);
        }
      }
      writeBare(orders, std::as_bytes(std::span(&step, 1)));
    }
  }

  Descriptor near_;
  pid_t process_ = -1;
};

class NoObserver final : public FakeCompilerObserver {
 public:
  void onCompilation(const ServerCompilationReport&) override {}
  void onStreamEnd(const StreamEndReport&) override {}
};

FakeCompilerOptions compilerOptions(Runtime& runtime, Carrier carrier) {
  const auto dialect = defaultDialect();
  FakeCompilerOptions options;
  options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
  if (carrier == Carrier::tls) options.listener.tls = tlsServer(runtime);
  options.dialect = dialect;
  options.stream.accept_any_version = true;
  options.compilation_threads = 2;
  ScriptedCompilation compilation;
  compilation.queries.push_back(makeQuery(*dialect, "VM_isClassArray").value());
  compilation.end = makeCode(*dialect, 240);
  compilation.ask_session_queries = false;
  options.script.compilations.push_back(std::move(compilation));
  return options;
}

void waitForParked(Runtime& runtime, const FakeCompiler& compiler, std::size_t count,
                   std::uint64_t compilations) {
  while (compiler.parkedStreams() != count || compiler.summary().compiled != compilations) {
    runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(1));
  }
}

void idleMemory(benchmark::State& state, Carrier carrier) {
  allowDescriptors();
  for (auto iteration : state) {
    OperatingSystemRuntime runtime;
    NoObserver observer;
    const auto compiler =
        valueOrThrow(FakeCompiler::make(runtime, compilerOptions(runtime, carrier), observer));
    // The clients' process begins before there are threads.
    ClientProcess first(compiler->port(), carrier, 1);
    ClientProcess clients(compiler->port(), carrier, kConnections);
    compiler->start();
    // What the first connection and compilation need for ever is no idle connection's.
    for (const auto step : {ClientProcess::Step::connect, ClientProcess::Step::compile}) {
      first.begin(step);
      first.finish();
    }
    waitForParked(runtime, *compiler, 1, 1);
    const double before = bytesInUse();
    clients.begin(ClientProcess::Step::connect);
    clients.finish();
    waitForParked(runtime, *compiler, kConnections + 1, 1);
    const double connected = bytesInUse();
    clients.begin(ClientProcess::Step::compile);
    clients.finish();
    waitForParked(runtime, *compiler, kConnections + 1, kConnections + 1);
    const double compiled = bytesInUse();
    state.counters["idle_before_bytes"] = (connected - before) / static_cast<double>(kConnections);
    state.counters["idle_after_bytes"] = (compiled - before) / static_cast<double>(kConnections);
    compiler->stop();
  }
}

/// As many bare sessions of OpenSSL, after their handshakes.
void bareSessions(benchmark::State& state, bool release_buffers) {
  allowDescriptors();
  for (auto iteration : state) {
    BareTlsContext context = BareTlsContext::server(certificates().server);
    if (release_buffers) context.releaseBuffers();
    const Descriptor listening = listenBare();
    ClientProcess clients(portOf(listening), Carrier::tls, kConnections + 1);
    std::vector<std::pair<Descriptor, BareTlsPointer<ssl_st>>> sessions;
    sessions.reserve(kConnections + 1);
    const auto accept = [&] {
      Descriptor connected(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
      setConnectionOptions(connected);
      auto session = context.accept(connected);
      sessions.emplace_back(std::move(connected), std::move(session));
    };
    clients.begin(ClientProcess::Step::connect);
    accept();
    const double before = bytesInUse();
    while (sessions.size() != kConnections + 1) accept();
    state.counters["idle_before_bytes"] = (bytesInUse() - before) / static_cast<double>(kConnections);
    clients.finish();
  }
}

void once(benchmark::internal::Benchmark* benchmark) {
  benchmark->Iterations(1)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(idleMemory, plain, Carrier::plain)->Name("idle_memory/plain")->Apply(once);
BENCHMARK_CAPTURE(idleMemory, tls, Carrier::tls)->Name("idle_memory/tls")->Apply(once);
BENCHMARK_CAPTURE(bareSessions, usual, false)->Name("idle_memory/bare_openssl")->Apply(once);
BENCHMARK_CAPTURE(bareSessions, releasing, true)->Name("idle_memory/bare_openssl_releasing")->Apply(once);

}  // namespace
}  // namespace jitrig::bench
