#include "scenarios/run/own_server.h"

#include <algorithm>
#include <array>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "scenarios/run/run_backend.h"
#include "scenarios/run/run_tls.h"

namespace jitrig {
namespace {

constexpr Duration kLookInterval = std::chrono::milliseconds(1);

/// A longer timeout is one that is never reached.
constexpr std::int64_t kLongestTimeoutMs = 3'600'000;

/// How long a server may take to notice that its clients have gone: longer than any timeout of a stream.
Duration timeToRest(const RunContext& context, const ScenarioServer& server) {
  const std::int64_t longest_ms =
      std::min(std::max(server.timeout_ms, server.first_request_timeout_ms), kLongestTimeoutMs);
  return context.simulated() ? Duration(std::chrono::milliseconds(2 * longest_ms) + std::chrono::seconds(60))
                             : context.choice.real_patience;
}

}  // namespace

OwnServer::OwnServer(RunContext& context, const ScenarioServer& server, std::size_t life, std::string host,
                     Endpoint listen_at)
    : context_(context),
      server_(server),
      host_(std::move(host)),
      endpoint_(std::move(listen_at)),
      gate_(context.runtime) {
  const std::string name = life == 1 ? server.name : fmt::format("{} (life {})", server.name, life);
  options_ = options();
  recorder_ = &context.recorder.addServer(name, options_);
  recorder_->record().port = server.port;
  context.cast.servers.push_back(server.name);
}

OwnServer::~OwnServer() {
  if (task_) give(Order::kill);
  gate_.open();
}

FakeCompilerOptions OwnServer::options() const {
  FakeCompilerOptions options;
  options.listener = {
      .endpoint = endpoint_, .health_port = std::nullopt, .max_open_connections = server_.max_connections};
  if (!server_.plain) options.listener.tls = context_.tls.server;
  options.dialect = server_.dialect;
  if (const auto& backend = context_.choice.backend) {
    std::optional<TlsServerOptions> tls;
    if (options.listener.tls) tls.emplace().identity = RunCertificates::ofThisProcess().server;
    options.connections = backend->listen(context_.runtime, endpoint_, *server_.dialect, tls);
    options.listener.max_open_connections = 0;
  }
  options.stream.timeout_ms = server_.timeout_ms;
  options.stream.accept_any_version = server_.accept_any_version;
  options.script = server_.script ? *server_.script : defaultScript(*server_.dialect);
  options.compilation_threads = server_.compilation_threads;
  options.memory = server_.memory;
  options.first_request_timeout_ms = server_.first_request_timeout_ms;
  options.misbehaviours = server_.misbehaviours;
  options.aot_cache = server_.aot_cache;
  if (!server_.aot_cache_folder.empty())
    options.aot_cache.folder = context_.aotFolder(server_.aot_cache_folder);
  return options;
}

void OwnServer::start() {
  Runtime& runtime = context_.onHost(host_);
  task_ = runtime.spawn(server_.name, [this, &runtime] {
    try {
      live(runtime);
    } catch (const std::exception& exception) {
      context_.find(fmt::format("{}: ended with an exception: {}", server_.name, exception.what()));
    }
    setState(State::ended);
  });
  Lock lock(*context_.mutex);
  context_.changed->wait(lock, kNever, [this] { return state_ != State::beginning; });
}

void OwnServer::live(Runtime& runtime) {
  FakeCompilerOptions with_taps = std::move(options_);
  with_taps.decorate = [this](std::unique_ptr<ByteStream> stream) {
    if (!context_.simulated() && isLastConnection(*stream)) return stream;
    // Where the client is no persona of ours, all stands at this end.
    if (!context_.choice.client_command.empty()) {
      if (context_.recording) stream = context_.recording->record(std::move(stream), Peer::responder);
      stream = context_.faults.decorate(std::move(stream), Direction::server);
    }
    if (!context_.simulated()) stream = gate_.guard(std::move(stream));
    return recorder_->tap(std::move(stream));
  };
  recorder_->began();
  auto made = FakeCompiler::make(runtime, std::move(with_taps), *recorder_);
  if (!made) {
    context_.find(
        fmt::format("{}: cannot listen on {}: {}", server_.name, toString(endpoint_), made.error().detail));
    return;
  }
  FakeCompiler& compiler = **made;
  compiler.start();
  setState(State::listening);
  const Order order = waitForOrder();
  if (order == Order::stopAtRest) {
    comeToRest(runtime, compiler);
    recorder_->atRest(compiler);
  }
  if (order != Order::kill) recorder_->stopped();
  compiler.stop();
  recorder_->summary(compiler);
}

/// In the simulation waiting costs nothing. Outside, nobody waits for a goodbye that was lost: when a
/// connection that came after all others was taken, all others were, and what is left of them will end.
void OwnServer::comeToRest(Runtime& runtime, FakeCompiler& compiler) {
  const Instant deadline = runtime.now() + timeToRest(context_, server_);
  if (context_.simulated()) return compiler.waitForGoodbyes(deadline);
  const bool listens = compiler.hasListener();
  if (listens) sendLastConnection(runtime, deadline);
  const auto is_open = [&] {
    return (listens ? compiler.listener().openConnections() : compiler.openStreams()) != 0;
  };
  while (is_open() && runtime.now() < deadline) {
    runtime.sleepUntil(runtime.now() + kLookInterval);
  }
}

/// Says nothing, as a probe, and returns when the server has closed it.
void OwnServer::sendLastConnection(Runtime& runtime, Instant deadline) {
  NetResult<std::unique_ptr<Connection>> last;
  {
    const Lock lock(*context_.mutex);  // the server must not take it before its name is known
    last = runtime.connect(endpoint_, deadline);
    if (!last) return;
    last_connection_ = (*last)->localName();
  }
  if (!(*last)->closeWrite()) return;
  std::array<std::byte, 64> answer{};  // an alert of TLS, perhaps
  while ((*last)->readSome(answer, deadline)) continue;
}

bool OwnServer::isLastConnection(const ByteStream& stream) const {
  const Lock lock(*context_.mutex);
  return stream.peerName() == last_connection_;
}

OwnServer::Order OwnServer::waitForOrder() {
  Lock lock(*context_.mutex);
  context_.changed->wait(lock, kNever, [this] { return order_ != Order::none; });
  return order_;
}

void OwnServer::setState(State state) {
  const Lock lock(*context_.mutex);
  state_ = state;
  context_.changed->notifyAll();
}

void OwnServer::give(Order order) {
  const Lock lock(*context_.mutex);
  if (order_ != Order::none) return;
  order_ = order;
  context_.changed->notifyAll();
}

void OwnServer::stop(bool at_rest) {
  give(at_rest ? Order::stopAtRest : Order::stop);
}

void OwnServer::kill() {
  if (!lives()) return;
  recorder_->killed();
  if (context_.simulated()) context_.world->host(host_).crash(HostCrash::closes);
  give(Order::kill);
  paused_ = false;  // who comes next on this host is not to be woken in its place
  gate_.open();
}

void OwnServer::join() {
  if (task_) task_->join();
  task_.reset();
  setState(State::ended);
}

void OwnServer::pause() {
  if (!lives() || std::exchange(paused_, true)) return;
  recorder_->paused();
  if (context_.simulated()) return context_.world->host(host_).pause();
  gate_.shut();
}

void OwnServer::resume() {
  if (!std::exchange(paused_, false)) return;
  if (lives()) recorder_->resumed();
  if (context_.simulated()) return context_.world->host(host_).resume();
  gate_.open();
}

void OwnServer::refuseConnections(bool refuse) {
  if (context_.simulated()) {
    const auto reachability = refuse ? Reachability::refusing : Reachability::reachable;
    return context_.world->host(host_).setReachability(reachability);
  }
  context_.setRefusing(server_.port, refuse);
}

void OwnServer::cutOff(bool cut_off) {
  if (!context_.simulated()) return;
  const auto reachability = cut_off ? Reachability::held : Reachability::reachable;
  context_.world->host(host_).setReachability(reachability);
}

bool OwnServer::lives() const {
  const Lock lock(*context_.mutex);
  return state_ == State::listening && order_ == Order::none;
}

}  // namespace jitrig
