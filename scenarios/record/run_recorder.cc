#include "scenarios/record/run_recorder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "protocol/stream/byte_stream_decorator.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/record/frame_counter.h"
#include "scenarios/record/ledger.h"

namespace jitrig {
namespace {

constexpr std::size_t indexOf(Direction direction) {
  return static_cast<std::size_t>(direction);
}

/// Whether the script's own questions can be told from those that a new session is asked.
std::optional<bool> asksSessionQueries(const Script& script, const Dialect& dialect) {
  const auto session_query = dialect.table->numberOf("getUnloadedClassRangesAndCHTable");
  std::optional<bool> asks;
  for (const ScriptedCompilation& compilation : script.compilations) {
    // One that asks it by itself, as recorded ones do.
    if (!compilation.queries.empty() && compilation.queries[0].type == session_query) return std::nullopt;
    if (asks && *asks != compilation.ask_session_queries) return std::nullopt;
    asks = compilation.ask_session_queries;
  }
  return asks;
}

std::vector<ScriptOutline> outlineOf(const Script& script) {
  std::vector<ScriptOutline> outlines;
  outlines.reserve(script.compilations.size());
  for (const ScriptedCompilation& compilation : script.compilations) {
    ScriptOutline& outline = outlines.emplace_back();
    outline.name = compilation.name;
    outline.end = compilation.end.kind;
    outline.end_type = compilation.end.type;
    outline.for_one_request = compilation.request.has_value();
    outline.queries.reserve(compilation.queries.size());
    for (const ScriptQuery& query : compilation.queries) outline.queries.push_back(query.type);
  }
  return outlines;
}

}  // namespace

/// Which ends belong together: both have the same two names. A port may be used again, and an end may find no
/// other (its server never took it), so the latest that still is alone is the one.
struct RunRecorder::Pairing {
  struct Name {
    std::array<std::optional<std::size_t>, 2> alone;  ///< connection that has only that end
    std::array<std::size_t, 2> seen{};                ///< ends of each side
  };

  std::unordered_map<std::string, Name> names;  ///< for looking up; "client -> server"
  std::unordered_map<std::string, EndReference> latest_ends;
};

/// Sees what a persona writes and reads. One task writes and one reads at a time, so each lane has one user.
class RunRecorder::Tap final : public ByteStreamDecorator {
 public:
  Tap(std::unique_ptr<ByteStream> inner, RunRecorder& recorder, RecordedEnd& end, Ledger& sent,
      Ledger& received, const MessageFormat* format)
      : ByteStreamDecorator(std::move(inner)),
        recorder_(recorder),
        end_(end),
        sent_(sent),
        received_(received),
        written_(end.written, limits(recorder, true), format, end.local),
        read_(end.read, limits(recorder, false), format, otherDirection(end.local)) {}

  ~Tap() override {
    end_.closed_order = recorder_.nextOrder();
    end_.closed_ns = recorder_.latest_ns_.load(std::memory_order_relaxed);
  }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    auto count = inner().readSome(buffer, deadline);
    if (count) {
      const Clock clock{recorder_};
      read_.add(buffer.first(*count), clock);
      if (received_.read(buffer.first(*count))) received_.differedAt(clock.time());
    } else {
      // To look whether bytes are there, and to find none, is no error.
      if (deadline != kAtOnce || count.error().code != NetErrc::timedOut) note(end_.read, count.error());
    }
    return count;
  }

  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    auto count = inner().writeSome(bytes, deadline);
    if (count) {
      const Clock clock{recorder_};
      written_.add(bytes.first(*count), clock);
      if (sent_.wrote(bytes.first(*count))) sent_.differedAt(clock.time());
    } else {
      note(end_.written, count.error());
    }
    return count;
  }

  // What follows is written down before it is done: the other end may see it at once.

  NetResult<void> closeWrite() override {
    if (end_.write_closed_order == 0) end_.write_closed_order = recorder_.nextOrder();
    return inner().closeWrite();
  }
  void reset() override {
    if (end_.reset_order == 0) end_.reset_order = recorder_.nextOrder();
    inner().reset();
  }
  void cancel() override {  // from any task
    const std::atomic_ref<std::uint64_t> cancelled(end_.cancelled_order);
    std::uint64_t never = 0;
    cancelled.compare_exchange_strong(never, recorder_.nextOrder(), std::memory_order_relaxed);
    inner().cancel();
  }

 private:
  /// Asks the Runtime at most once for bytes that pass together.
  struct Clock {
    RunRecorder& recorder;
    mutable std::int64_t now_ns = -1;

    std::int64_t time() const {
      if (now_ns < 0) now_ns = recorder.readClock();
      return now_ns;
    }
    std::uint64_t order() const { return recorder.nextOrder(); }
  };

  static FrameCounter::Limits limits(const RunRecorder& recorder, bool is_written) {
    return {.kept_bytes_per_message = recorder.options_.kept_bytes_per_message,
            .kept_bytes_per_lane = recorder.options_.kept_bytes_per_lane,
            .hash = is_written,
            .form = is_written};
  }

  void note(RecordedLane& lane, const NetError& error) {
    if (lane.error) return;
    lane.error = RecordedError{.order = recorder_.nextOrder(),
                               .time_ns = recorder_.readClock(),
                               .code = error.code,
                               .detail = error.detail};
  }

  RunRecorder& recorder_;
  RecordedEnd& end_;
  Ledger& sent_;
  Ledger& received_;
  FrameCounter written_;
  FrameCounter read_;
};

std::unique_ptr<ByteStream> PersonaRecorder::tap(std::unique_ptr<ByteStream> stream) {
  return recorder_.tap(std::move(stream), side_, index_);
}

void PersonaRecorder::began() {
  base_.began = recorder_.now();
}
void PersonaRecorder::ended() {
  base_.ended = recorder_.now();
}
void PersonaRecorder::stopped() {
  base_.stopped = recorder_.now();
}
void PersonaRecorder::killed() {
  base_.killed = recorder_.now();
}
void PersonaRecorder::paused() {
  base_.pauses.push_back({recorder_.now(), Moment{~std::uint64_t{0}, kNever.ns}});
}
void PersonaRecorder::resumed() {
  if (!base_.pauses.empty()) base_.pauses.back()[1] = recorder_.now();
}

void VMRecorder::checkpointed() {
  record_.checkpointed = recorder_.now();
}

void VMRecorder::onCompilation(const CompilationReport& report) {
  record_.reports.push_back(recorder_.tell(report, std::nullopt));
  if (next_ != nullptr) next_->onCompilation(report);
}

void VMRecorder::onJitDump(const CompilationReport& report) {
  record_.jit_dumps.push_back(recorder_.tell(report, std::nullopt));
  if (next_ != nullptr) next_->onJitDump(report);
}

void VMRecorder::onAOTMap(const AOTMapReport& report) {
  record_.aot_maps.push_back(recorder_.tell(report, recorder_.latestEnd(report.stream)));
  if (next_ != nullptr) next_->onAOTMap(report);
}

void VMRecorder::onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
  if (next_ != nullptr) next_->onTlsSession(stream, session);
}

void VMRecorder::onOutOfTurn(const std::string& stream) {
  record_.out_of_turn.push_back(recorder_.tell(stream, recorder_.latestEnd(stream)));
  if (next_ != nullptr) next_->onOutOfTurn(stream);
}

void VMRecorder::onServer(const ServerEvent& event) {
  record_.events.push_back(recorder_.tell(event, std::nullopt));
  if (next_ != nullptr) next_->onServer(event);
}

void VMRecorder::onActivation(const ActivationEvent& event) {
  record_.activations.push_back(recorder_.tell(event, std::nullopt));
  if (next_ != nullptr) next_->onActivation(event);
}

void VMRecorder::setClientUid(std::uint64_t client_uid) {
  record_.client_uid = client_uid;
}

void VMRecorder::ended(const FakeVMSummary& summary) {
  record_.summary = summary;
  PersonaRecorder::ended();
}

void ServerRecorder::onCompilation(const ServerCompilationReport& report) {
  record_.reports.push_back(recorder_.tell(report, recorder_.latestEnd(report.stream)));
  if (next_ != nullptr) next_->onCompilation(report);
}

void ServerRecorder::onJitDump(const ServerCompilationReport& report) {
  record_.jit_dumps.push_back(recorder_.tell(report, recorder_.latestEnd(report.stream)));
  if (next_ != nullptr) next_->onJitDump(report);
}

void ServerRecorder::onStreamEnd(const StreamEndReport& report) {
  record_.stream_ends.push_back(recorder_.tell(report, recorder_.latestEnd(report.stream)));
  if (next_ != nullptr) next_->onStreamEnd(report);
}

void ServerRecorder::onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
  if (next_ != nullptr) next_->onTlsSession(stream, session);
}

void ServerRecorder::onRequestOrder(const RequestOrderEvent& event) {
  const bool arrived = event.kind == RequestOrderEvent::Kind::arrived;
  const auto end = arrived ? recorder_.latestEnd(std::string(event.stream)) : std::nullopt;
  record_.order_events.push_back(recorder_.tell(event, end));
  record_.order_events.back().report.stream = {};
  if (next_ != nullptr) next_->onRequestOrder(event);
}

void ServerRecorder::atRest(const FakeCompiler& compiler) {
  std::set<std::uint64_t> client_uids;
  for (const auto& told : record_.reports) client_uids.insert(told.report.client_uid);
  ServerRest rest;
  rest.when = recorder_.now();
  rest.session_count = compiler.sessions().size();
  for (const std::uint64_t client_uid : client_uids) {
    if (const auto session = compiler.sessions().find(client_uid)) {
      rest.sessions.push_back({.client_uid = client_uid, .session = *session});
    }
  }
  rest.parked_streams = compiler.parkedStreams();
  rest.used_memory_bytes = compiler.load().usedBytes();
  if (compiler.hasListener()) {
    const std::size_t open = compiler.listener().openConnections();
    rest.open_connections = open - std::min(open, compiler.listener().halfOpenConnections());
    rest.refused_connections = compiler.listener().refusedConnections();
    rest.failed_handshakes = compiler.listener().failedHandshakes();
    rest.dropped_handshakes = compiler.listener().droppedHandshakes();
  }
  record_.rest = std::move(rest);
}

void ServerRecorder::summary(const FakeCompiler& compiler) {
  record_.summary = compiler.summary();
}

RunRecorder::RunRecorder(Runtime& runtime, const RecordingOptions& options)
    : runtime_(runtime), options_(options), pairing_(std::make_unique<Pairing>()) {}

RunRecorder::~RunRecorder() = default;

VMRecorder& RunRecorder::addVM(const std::string& name, const FakeVMOptions& options, FakeVMObserver* next) {
  VMRecord vm;
  vm.name = name;
  vm.dialect = options.dialect;
  vm.timeout_ms = options.stream.timeout_ms;
  vm.client_uid = options.client_uid;
  vm.compilations = options.compilations;
  vm.open_ended = options.until_compiled.has_value();
  for (const MisbehaviourSpec& spec : options.misbehaviours) vm.misbehaviours.push_back(spec.name);
  vm.may_give_up = options.stop_if_unreachable || options.life.require_server;
  vm.life = options.life;
  vm.goodbye_timeout_ms = options.goodbye_timeout_ms;
  vm.says_goodbyes = !options.stream_per_compilation;
  vm.compilation_threads = options.compilation_threads;
  const SpinGuard guard(lock_);
  record_.vms.push_back(std::move(vm));
  return vm_recorders_.emplace_back(*this, record_.vms.back(), record_.vms.size() - 1, next);
}

ServerRecorder& RunRecorder::addServer(const std::string& name, const FakeCompilerOptions& options,
                                       FakeCompilerObserver* next) {
  ServerRecord server;
  server.name = name;
  server.dialect = options.dialect;
  server.timeout_ms = options.stream.timeout_ms;
  for (const MisbehaviourSpec& spec : options.misbehaviours) server.misbehaviours.push_back(spec.name);
  server.accept_any_version = options.stream.accept_any_version;
  server.compilation_threads = options.compilation_threads;
  server.memory = options.memory;
  server.first_request_timeout_ms = options.first_request_timeout_ms;
  server.max_compilations = options.max_compilations;
  server.has_aot_cache = options.aot_cache.enabled;
  server.keeps_aot_cache = options.aot_cache.folder != nullptr;
  server.tls = options.listener.tls != nullptr;
  if (!server.tls) server.max_open_connections = options.listener.max_open_connections;
  server.script = outlineOf(options.script);
  server.asks_session_queries = asksSessionQueries(options.script, *options.dialect);
  const SpinGuard guard(lock_);
  record_.servers.push_back(std::move(server));
  return server_recorders_.emplace_back(*this, record_.servers.back(), record_.servers.size() - 1, next);
}

void RunRecorder::healed() {
  record_.healed = now();
}

Moment RunRecorder::now() {
  const std::int64_t time_ns = readClock();
  return {.order = nextOrder(), .time_ns = time_ns};
}

std::int64_t RunRecorder::readClock() {
  const std::int64_t now_ns = runtime_.now().ns;
  latest_ns_.store(now_ns, std::memory_order_relaxed);
  return now_ns;
}

template <class Report>
Told<Report> RunRecorder::tell(const Report& report, std::optional<EndReference> end) {
  return {.when = now(), .report = report, .end = end};
}

std::unique_ptr<ByteStream> RunRecorder::tap(std::unique_ptr<ByteStream> stream, Direction local,
                                             std::size_t persona) {
  const Moment opened = now();
  const std::string local_name = stream->localName();
  const std::string peer_name = stream->peerName();
  const std::string end_name = fmt::format("{} -> {}", local_name, peer_name);
  const std::string name =
      local == Direction::client ? end_name : fmt::format("{} -> {}", peer_name, local_name);

  RecordedEnd* end = nullptr;
  Ledger* sent = nullptr;
  Ledger* received = nullptr;
  const MessageFormat* format = nullptr;
  {
    const SpinGuard guard(lock_);
    const std::size_t connection = pair(name, local);
    end = &record_.connections[connection].ends[indexOf(local)].emplace();
    end->name = end_name;
    end->local = local;
    end->persona = persona;
    end->opened_order = opened.order;
    end->opened_ns = opened.time_ns;
    pairing_->latest_ends[end_name] = {.connection = connection, .local = local};
    format = formatOf(local, persona);
    sent = &ledgers_[2 * connection + indexOf(local)];
    received = &ledgers_[2 * connection + indexOf(otherDirection(local))];
  }
  return std::make_unique<Tap>(std::move(stream), *this, *end, *sent, *received, format);
}

/// Of the messages that the persona says and hears; it is part of the record.
const MessageFormat* RunRecorder::formatOf(Direction side, std::size_t persona) const {
  const bool is_client = side == Direction::client;
  const auto& dialect = is_client ? record_.vms[persona].dialect : record_.servers[persona].dialect;
  return dialect == nullptr ? nullptr : dialect->format.get();
}

/// The connection of a new end: one that waits for it, or a new one.
std::size_t RunRecorder::pair(const std::string& name, Direction local) {
  Pairing::Name& known = pairing_->names[name];
  ++known.seen[indexOf(local)];
  auto& other_alone = known.alone[indexOf(otherDirection(local))];
  if (other_alone) return *std::exchange(other_alone, std::nullopt);
  const std::size_t connection = record_.connections.size();
  record_.connections.emplace_back().index = connection;
  for (int side = 0; side < 2; ++side) ledgers_.emplace_back(options_.compared_bytes_on_their_way);
  known.alone[indexOf(local)] = connection;
  return connection;
}

std::optional<EndReference> RunRecorder::latestEnd(const std::string& name) {
  const SpinGuard guard(lock_);
  const auto found = pairing_->latest_ends.find(name);
  if (found == pairing_->latest_ends.end()) return std::nullopt;
  return found->second;
}

void RunRecorder::setFaults(const std::vector<FaultFiring>& firings) {
  record_.faults.clear();
  for (const FaultFiring& firing : firings) {
    const FaultAction* action = findFaultAction(firing.action);
    RecordedFault fault{.firing = firing, .end = std::nullopt};
    if (action != nullptr) {
      fault.breaks = action->breaks_connection;
      fault.alters = action->alters_bytes;
      fault.delays = action->only_delays;
    }
    record_.faults.push_back(std::move(fault));
  }
}

/// The latest end of that name that had come about by then.
std::optional<EndReference> RunRecorder::endOf(const FaultFiring& firing) const {
  std::optional<EndReference> found;
  for (const RecordedConnection& connection : record_.connections) {
    const auto& end = connection.end(firing.local);
    if (end && end->name == firing.stream && end->opened_ns <= firing.time.ns) {
      found = {.connection = connection.index, .local = firing.local};
    }
  }
  return found;
}

RunRecord RunRecorder::finish() {
  for (RecordedFault& fault : record_.faults) fault.end = endOf(fault.firing);
  for (RecordedConnection& connection : record_.connections) {
    for (const std::size_t sender : {0U, 1U}) {
      connection.deliveries[sender] = ledgers_[2 * connection.index + sender].delivery();
    }
    const auto& client = connection.ends[indexOf(Direction::client)];
    const auto& server = connection.ends[indexOf(Direction::server)];
    const auto known = pairing_->names.find(connection.name());
    if (!client || !server || known == pairing_->names.end()) continue;
    const auto& seen = known->second.seen;
    connection.ambiguous = seen[0] != seen[1] && std::max(seen[0], seen[1]) > 1;
  }
  record_.over = {.order = nextOrder(), .time_ns = latest_ns_.load(std::memory_order_relaxed)};
  return std::move(record_);
}

}  // namespace jitrig
