#include "fakevm/fake_vm.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "fakevm/compilation_thread.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/reached.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {

namespace {

std::unique_ptr<AOTClient> makeAOTClient(Runtime& runtime, const FakeVMOptions& options) {
  if (!options.aot.any() || options.life.life != ClientLife::asReal) return nullptr;
  return std::make_unique<AOTClient>(runtime, options.aot, *options.dialect);
}

}  // namespace

FakeVM::FakeVM(Runtime& runtime, FakeVMOptions options, Frontend& frontend, FakeVMObserver& observer)
    : runtime_(runtime),
      options_(std::move(options)),
      frontend_(frontend),
      observer_(observer),
      conduct_(makeConduct(runtime, options_.misbehaviours, vmMisbehaviourTable())),
      session_query_(options_.dialect->table->numberOf("getUnloadedClassRangesAndCHTable")),
      connecting_(runtime),
      aot_(makeAOTClient(runtime, options_)),
      mutex_(runtime.makeMutex("fake VM")),
      stopped_(runtime.makeCondition("a method, or the end")),
      life_(options_.life, *options_.dialect),
      classes_(options_.class_events),
      methods_(runtime, *stopped_, options_.until_compiled ? ~std::uint64_t{0} : options_.compilations,
               options_.interval_ms,
               [this](MethodQueue::Change change, std::size_t thread) { tellThread(change, thread); }) {
  if (options_.image) {
    JITRIG_REACHED("fakevm: it is restored from a checkpoint");
    if (aot_) JITRIG_REACHED("fakevm: it is restored, and uses an AOT cache");
    methods_.skipTo(options_.image->next_method);
    options_.client_uid = 0;
  }
  // A restored VM is another client: its server must not take it for the one that it was.
  const std::uint64_t former_uid = options_.image ? options_.image->client_uid : 0;
  while (options_.client_uid == 0 || options_.client_uid == former_uid)
    options_.client_uid = runtime_.random(RandomPurpose::workload);
}

FakeVM::~FakeVM() = default;

FakeVMSummary FakeVM::run() {
  methods_.begin(options_.compilation_threads, life_.asReal());
  std::vector<std::unique_ptr<CompilationThread>> threads;
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::size_t i = 0; i < options_.compilation_threads; ++i) {
    threads.push_back(std::make_unique<CompilationThread>(*this, i));
    tasks.push_back(runtime_.spawn(fmt::format("compilation thread {}", i),
                                   [thread = threads.back().get()] { thread->run(); }));
  }
  std::unique_ptr<Task> map;
  if (wantsAOTMap()) map = runtime_.spawn("AOT cache map", [this] { askForAOTMap(); });
  for (const auto& task : tasks) task->join();
  if (map) {
    waitForAOTMap();
    map->join();
  }
  sayGoodbye();
  const Lock lock(*mutex_);
  summary_.messages_received = counters_.received.load();
  summary_.messages_sent = counters_.sent.load();
  return summary_;
}

void FakeVM::stop() {
  conduct_->stop();
  connecting_.cancel();
  const Lock lock(*mutex_);
  beginStopping();
  if (!open_streams_.empty()) JITRIG_REACHED("fakevm: it is stopped in mid conversation");
  for (ClientStream* stream : open_streams_) stream->cancel();
}

void FakeVM::kill() {
  conduct_->stop();
  connecting_.cancel();
  const Lock lock(*mutex_);
  beginStopping();
  killed_ = true;
  for (ClientStream* stream : open_streams_) stream->reset();
}

/// Under the lock.
void FakeVM::beginStopping() {
  stopping_ = true;
  endMethods();
}

void FakeVM::checkpoint() {
  JITRIG_REACHED("fakevm: it is checkpointed");
  const Lock lock(*mutex_);
  endMethods();
}

VMImage FakeVM::image() const {
  const Lock lock(*mutex_);
  return {.client_uid = options_.client_uid, .next_method = methods_.next()};
}

/// Under the lock.
void FakeVM::endMethods() {
  methods_.end();
  stopped_->notifyAll();
}

MethodQueue::Next FakeVM::takeMethod(std::size_t thread, std::uint64_t& number, RequestIdentity& identity) {
  Lock lock(*mutex_);
  const MethodQueue::Next next = methods_.take(lock, thread, number);
  if (next != MethodQueue::Next::method) return next;
  if (options_.class_events.any() && classes_.methodComesUp(number)) ++upheavals_;
  if (!life_.asReal()) identity = nextIdentity();
  return next;
}

void FakeVM::tellThread(MethodQueue::Change change, std::size_t thread) {
  if (!life_.asReal()) return;
  const bool activated = change == MethodQueue::Change::activated;
  ++(activated ? summary_.activations : summary_.suspensions);
  tellActivation({.kind = activated ? ActivationEvent::Kind::activated : ActivationEvent::Kind::suspended,
                  .thread = thread});
}

/// Under the lock.
void FakeVM::tellActivation(ActivationEvent event) {
  event.policy = life_.policy();
  event.active = methods_.activeThreads();
  event.moment = life_.moment(runtime_.now());
  observer_.onActivation(event);
}

/// Of the next request; under the lock. Sequence numbers count from 1: a server that has seen nothing has
/// processed number 0.
RequestIdentity FakeVM::nextIdentity() {
  RequestIdentity identity{.client_uid = options_.client_uid,
                           .sequence_number = ++last_sequence_number_,
                           .last_critical_sequence_number = last_critical_,
                           .changes = classes_.take()};
  if (!identity.changes.empty()) last_critical_ = identity.sequence_number;
  return identity;
}

RequestIdentity FakeVM::drawIdentity() {
  const Lock lock(*mutex_);
  return nextIdentity();
}

/// It waits for nobody, and whatever comes next is to wait for it (semantics.md, section 3). Class changes
/// are left to the next request: a server passes over those of a dump.
RequestIdentity FakeVM::drawDumpIdentity() {
  const Lock lock(*mutex_);
  last_critical_ = ++last_sequence_number_;
  return {.client_uid = options_.client_uid,
          .sequence_number = last_sequence_number_,
          .last_critical_sequence_number = 0,
          .jit_dump = true};
}

void FakeVM::reportJitDump(const CompilationReport& report) {
  const Lock lock(*mutex_);
  ++summary_.jit_dumps;
  observer_.onJitDump(report);
}

RemoteDecision FakeVM::begin(CompilationReport& report, bool after_crash) {
  if (!life_.asReal()) return RemoteDecision::remote;
  const Lock lock(*mutex_);
  return life_.begin(report, after_crash, runtime_.now());
}

void FakeVM::connected(CompilationReport& report) {
  const Lock lock(*mutex_);
  life_.connected(report, runtime_.now());
}

void FakeVM::met(std::uint64_t server_uid) {
  if (!life_.asReal()) return;
  if (aot_) static_cast<void>(aot_->met(server_uid));
  const Lock lock(*mutex_);
  if (const auto event = life_.met(server_uid, runtime_.now())) observer_.onServer(*event);
}

std::unique_ptr<ByteStream> FakeVM::connectBytes(Instant deadline) {
  try {
    if (options_.connect) return options_.connect();
    return connectTo(runtime_, {.server = options_.server_at ? options_.server_at() : options_.server,
                                .tls = options_.tls,
                                .deadline = deadline,
                                .cancellation = &connecting_,
                                .decorate_transport = options_.decorate_transport});
  } catch (const StreamFailure& failure) {
    const Lock lock(*mutex_);
    summary_.last_connect_error = failure.what();
    throw;
  }
}

/// Open streams are where stop() can reach them.
std::unique_ptr<ClientStream> FakeVM::openStream(Instant deadline) {
  std::unique_ptr<ByteStream> bytes = connectBytes(deadline);
  std::optional<TlsSessionInfo> session;
  if (const auto* secured = dynamic_cast<const TlsByteStream*>(bytes.get())) session = secured->session();
  if (options_.decorate) bytes = options_.decorate(std::move(bytes));
  auto stream = std::make_unique<ClientStream>(runtime_, std::move(bytes), options_.dialect, options_.stream);
  stream->countInto(counters_);
  const Lock lock(*mutex_);
  ++summary_.connections;
  if (session) observer_.onTlsSession(stream->name(), *session);
  open_streams_.push_back(stream.get());
  if (killed_) {
    stream->reset();
  } else if (stopping_) {
    stream->cancel();
  }
  return stream;
}

/// `stream` may be null: it could not be opened.
void FakeVM::closeStream(std::unique_ptr<ClientStream> stream) {
  const Lock lock(*mutex_);
  std::erase(open_streams_, stream.get());
}

/// Whether the method is to be tried again.
bool FakeVM::report(CompilationReport& report, RemoteDecision decision) {
  const Lock lock(*mutex_);
  const ActivationPolicy policy = life_.policy();
  const auto event = life_.asReal() ? life_.end(report, decision, runtime_.now()) : std::nullopt;
  if (stopping_ || life_.isFatal(report)) report.tried_again = false;
  count(report);
  observer_.onCompilation(report);
  if (event) observer_.onServer(*event);
  if (life_.policy() != policy) {
    ++summary_.policy_changes;
    methods_.setPolicy(life_.policy());
    tellActivation({.kind = ActivationEvent::Kind::policy});
  }
  if (life_.isFatal(report)) fail(report);
  return report.tried_again;
}

void FakeVM::count(const CompilationReport& report) {
  if (report.lostStream()) ++summary_.stream_failures;
  if (report.foundNoConnection() && options_.stop_if_unreachable && summary_.connections == 0)
    beginStopping();
  if (report.tried_again) {
    ++summary_.tried_again;
    return;
  }
  switch (report.result) {
    case CompilationResult::compiled:
      ++summary_.compiled;
      if (summary_.compiled == options_.until_compiled) endMethods();
      break;
    case CompilationResult::local: ++summary_.local; break;
    case CompilationResult::failed:
    case CompilationResult::terminated:
    case CompilationResult::interrupted: ++summary_.failed; break;
  }
}

/// The server is required, and there is none: nothing more is compiled, and what is going on ends.
void FakeVM::fail(const CompilationReport& report) {
  if (stopping_) return;
  JITRIG_REACHED("fakevm: a required server failed");
  summary_.fatal = fmt::format("a server is required, and compilation {} lost its stream: {}",
                               report.number + 1, report.detail);
  beginStopping();
  connecting_.cancel();
  for (ClientStream* stream : open_streams_) stream->cancel();
}

bool FakeVM::mayTerminateConnection() {
  if (!life_.asReal()) return true;
  const Lock lock(*mutex_);
  return life_.serverAvailable();
}

/// A thread says goodbye from now on. The last one that does so decides how long the VM still has: all its
/// compilations are over.
Instant FakeVM::beginFarewell() {
  const StreamOptions farewell{.timeout_ms = options_.goodbye_timeout_ms, .limits = {}};
  const Lock lock(*mutex_);
  farewell_until_ = farewell.deadlineAfter(runtime_.now());
  return farewell_until_;
}

void FakeVM::reportOutOfTurn(const std::string& stream) {
  const Lock lock(*mutex_);
  JITRIG_REACHED("fakevm: the server spoke out of turn");
  ++summary_.out_of_turn;
  observer_.onOutOfTurn(stream);
}

void FakeVM::sayGoodbye() {
  Instant until;
  {
    const Lock lock(*mutex_);
    if (stopping_ || summary_.connections == 0) return;  // no server knows of this client
    if (options_.stream_per_compilation) return;
    until = farewell_until_;
  }
  std::unique_ptr<ClientStream> stream;
  try {
    stream = openStream(std::min(connectDeadline(), until));
    stream->endBy(until);
    const std::array<Value, 1> uid{options_.client_uid};
    conduct_->write(*stream, stream->encode(options_.dialect->client_session_terminate, uid),
                    {.step = ConversationStep::sessionGoodbye});
    closeStream(std::move(stream));
  } catch (const StreamFailure&) {
    // The server is gone, and with it the session: nothing is lost, so nothing failed. Or it is too slow: it
    // will purge the session one day.
    JITRIG_REACHED("fakevm: the server is gone at the last goodbye");
    closeStream(std::move(stream));
  }
}

/// Where no server is to be asked, it is not asked for this either.
bool FakeVM::wantsAOTMap() const {
  return aot_ && options_.aot.map && !options_.life.suppress_remote &&
         options_.dialect->aot_cache_map_request;
}

/// On a connection of its own, without version words (semantics.md, section 9). What does not come is not
/// missed.
void FakeVM::askForAOTMap() {
  std::unique_ptr<ClientStream> stream;
  try {
    stream = openStream(connectDeadline());
    const std::array<Value, 1> name{Value::String{options_.aot.cache}};
    stream->writeEncoded(stream->encode(*options_.dialect->aot_cache_map_request, name));
    if (stream->read() == options_.dialect->aot_cache_map_reply) {
      const auto [signatures] = stream->getRecvData<std::vector<std::string>>();
      const Lock lock(*mutex_);
      summary_.aot_map_methods = signatures.size();
      observer_.onAOTMap({.stream = stream->name(), .cache = options_.aot.cache, .signatures = signatures});
    }
  } catch (const StreamException&) {
    JITRIG_REACHED("fakevm: the map of the AOT cache does not come");
  }
  closeStream(std::move(stream));
  const Lock lock(*mutex_);
  has_asked_for_map_ = true;
  stopped_->notifyAll();
}

/// All compilations are over: a map that has not come by the time that is left for goodbyes is given up, as
/// they are.
void FakeVM::waitForAOTMap() {
  Lock lock(*mutex_);
  stopped_->wait(lock, farewell_until_, [this] { return has_asked_for_map_; });
  if (has_asked_for_map_) return;
  connecting_.cancel();
  for (ClientStream* stream : open_streams_) stream->cancel();
}

}  // namespace jitrig
