#include "fakecompiler/fake_compiler.h"

#include <algorithm>
#include <fmt/format.h>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakecompiler/live_stream.h"
#include "protocol/runtime/reached.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {
namespace {

std::uint32_t statusOf(const Dialect& dialect, std::string_view name) {
  return dialect.table->release().statusCode(name).value_or(kStatusCompilationFailure);
}

/// Outside of a compilation: the client closed between two messages, or stop() came, which alone cancels.
bool isOrderlyEnd(const StreamFailure& failure) {
  using Cause = StreamFailure::Cause;
  return failure.cause() == Cause::endOfStream ||
         (failure.cause() == Cause::network && failure.netError() == NetErrc::cancelled);
}

std::uint64_t chooseUid(Runtime& runtime, const FakeCompilerOptions& options) {
  std::uint64_t uid = options.server_uid;
  while (uid == 0 && options.aot_cache.enabled) uid = runtime.random(RandomPurpose::workload);
  return uid;
}

std::string nameOf(const ByteStream& stream) {
  return fmt::format("{} -> {}", stream.localName(), stream.peerName());
}

}  // namespace

FakeCompiler::FakeCompiler(Runtime& runtime, FakeCompilerOptions options, FakeCompilerObserver& observer)
    : runtime_(runtime),
      options_(std::move(options)),
      observer_(observer),
      conduct_(makeConduct(runtime, options_.misbehaviours, compilerMisbehaviourTable())),
      script_(runtime, options_.shared_script ? std::move(options_.shared_script)
                                              : encodeOnce(std::move(options_.script))),
      requests_(*options_.dialect),
      status_low_memory_(statusOf(*options_.dialect, "compilationLowPhysicalMemory")),
      status_lost_message_(statusOf(*options_.dialect, "compilationStreamLostMessage")),
      status_stream_failure_(statusOf(*options_.dialect, "compilationStreamFailure")),
      queue_(runtime, options_.compilation_threads, [this] { return startThread(); }),
      aot_caches_(
          runtime, options_.aot_cache,
          [this](std::function<void()> work, bool urgent) {
            queue_.push(QueueEntry{.stream = nullptr, .work = std::move(work)},
                        urgent ? QueuePriority::urgent : QueuePriority::ordinary);
          },
          [this](const AOTCacheFileReport& report) {
            const Lock lock(*mutex_);
            observer_.onAOTCacheFile(report);
          }),
      aot_(*options_.dialect, aot_caches_, chooseUid(runtime, options_)),
      session_queries_(*options_.dialect, script_.script(), aot_.uid()),
      load_(std::make_unique<ServerLoad>(
          runtime, options_.memory, options_.compilation_threads, [this] { return queue_.activeThreads(); },
          [this] {
            return MemoryUsers{.sessions = sessions_.size(), .compilations = sessions_.compiling()};
          })),
      diagnostics_(runtime,
                   [this](std::unique_ptr<ServerStream> stream, const ScriptedCompilation& crashed) {
                     serve(std::move(stream), DiagnosticThread::kIndex, &crashed);
                   }),
      parked_(
          runtime, [this](std::unique_ptr<ServerStream> stream) { queue_.push(std::move(stream)); },
          [this](std::unique_ptr<ServerStream> stream) {
            StreamEndReport end{
                .stream = stream->name(),
                .detail = fmt::format("no request within {} ms", options_.first_request_timeout_ms),
                .failure = true};
            stream.reset();
            reportEnd(end);
          }),
      sessions_(
          runtime, options_.sessions,
          [this](const RequestOrderEvent& event) {
            const Lock lock(*mutex_);
            if (event.outcome == RequestOrderEvent::Outcome::clears) ++cleared_caches_;
            observer_.onRequestOrder(event);
          },
          [this] { return load_->memoryState() == ServerMemoryState::veryLow; }),
      mutex_(runtime.makeMutex("fake compiler")),
      changed_(runtime.makeCondition("fake compiler")) {}

NetResult<std::unique_ptr<FakeCompiler>> FakeCompiler::make(Runtime& runtime, FakeCompilerOptions options,
                                                            FakeCompilerObserver& observer) {
  std::unique_ptr<FakeCompiler> compiler(new FakeCompiler(runtime, std::move(options), observer));
  const FakeCompilerOptions& with = compiler->options_;
  if (const auto bound = compiler->port_.bind(runtime, with.listener, with.connections, *compiler); !bound)
    return std::unexpected(bound.error());
  return compiler;
}

FakeCompiler::~FakeCompiler() {
  stop();
}

void FakeCompiler::start() {
  queue_.start();
  parked_.start();
  port_.start();
  if (options_.heartbeat_ms == 0) return;
  heartbeat_ = std::make_unique<HeartbeatTask>(runtime_, std::chrono::milliseconds(options_.heartbeat_ms),
                                               [this] { beat(); });
}

void FakeCompiler::beat() {
  ServerHeartbeat heartbeat{.when = runtime_.now(),
                            .sessions = sessions_.size(),
                            .active_threads = queue_.activeThreads(),
                            .usable_threads = options_.compilation_threads,
                            .queue_length = queue_.length(),
                            .free_memory_bytes = load_->freeBytes()};
  const Lock lock(*mutex_);
  heartbeat.connections = live_streams_;
  heartbeat.cleared_caches = cleared_caches_;
  heartbeat.compilations = ended_ - std::exchange(told_compilations_, ended_);
  observer_.onHeartbeat(heartbeat);
}

/// The first one must be there; without another the server goes on.
bool FakeCompiler::startThread() {
  const Lock lock(*mutex_);
  if (stopping_) return true;  // nobody waits for it any more
  const std::size_t index = threads_.size();
  try {
    threads_.push_back(runtime_.spawn(fmt::format("server compilation thread {}", index),
                                      [this, index] { compilationThread(index); }));
  } catch (const std::system_error&) {
    if (index == 0) throw;
    return false;
  }
  return true;
}

/// In the direction in which streams go, so that none is handed on to who has stopped before: a stream that a
/// compilation thread still parks is closed by the parking.
void FakeCompiler::stop() {
  conduct_->stop();
  if (heartbeat_) heartbeat_->stop();
  port_.stop();
  parked_.stop();
  queue_.close();
  {
    const Lock lock(*mutex_);
    stopping_ = true;
    for (ServerStream* stream : serving_) stream->cancel();
    changed_->notifyAll();
  }
  sessions_.stop();
  diagnostics_.stop();
  std::vector<std::unique_ptr<Task>> threads;  // to which none comes any more
  {
    const Lock lock(*mutex_);
    threads.swap(threads_);
  }
  for (const auto& thread : threads) thread->join();
}

/// No connection comes about after the Listener has stopped; those that are there are reset wherever they
/// lie, parked, queued or in a compilation thread.
void FakeCompiler::kill() {
  conduct_->stop();
  port_.stop();
  {
    const Lock lock(*mutex_);
    for (LiveStream* connection : connections_) connection->reset();
  }
  stop();
}

void FakeCompiler::disableCompilations() {
  const Lock lock(*mutex_);
  disabled_ = true;
}

bool FakeCompiler::isDisabled() const {
  const Lock lock(*mutex_);
  return disabled_;
}

/// What is thrown here ends the one connection, not the Listener.
void FakeCompiler::onConnection(std::unique_ptr<ByteStream> bytes) {
  const std::string name = nameOf(*bytes);
  try {
    if (const auto* secured = dynamic_cast<const TlsByteStream*>(bytes.get())) {
      const Lock lock(*mutex_);
      observer_.onTlsSession(name, secured->session());
    }
    bytes = std::make_unique<LiveStream>(*this, std::move(bytes));
    if (options_.decorate) bytes = options_.decorate(std::move(bytes));
    auto stream =
        std::make_unique<ServerStream>(runtime_, std::move(bytes), options_.dialect, options_.stream);
    stream->countInto(counters_);
    // Who speaks before the request does so in a compilation thread: this task must not wait.
    if (conduct_->actsAt(ConversationStep::accepted)) return queue_.push(std::move(stream));
    parked_.park(std::move(stream),
                 runtime_.now() + std::chrono::milliseconds(options_.first_request_timeout_ms));
  } catch (const std::exception& exception) {
    reportEnd({.stream = name,
               .detail = fmt::format("the connection could not be served: {}", exception.what()),
               .failure = true});
  }
}

void FakeCompiler::onHandshakeFailure(const std::string& name, const NetError& error) {
  reportEnd({.stream = name,
             .detail = fmt::format("{} ({})", error.detail, toString(error.code)),
             .failure = true});
}

void FakeCompiler::compilationThread(std::size_t index) {
  for (QueueEntry entry = queue_.pop(); !entry.empty(); entry = queue_.pop()) {
    if (entry.stream) {
      serve(std::move(entry.stream), index);
    } else {
      entry.work();
    }
  }
}

/// `crashed`: what did so on this stream, if it is the diagnostic thread that serves it.
void FakeCompiler::serve(std::unique_ptr<ServerStream> stream, std::size_t thread,
                         const ScriptedCompilation* crashed) {
  Served served;
  {
    const Serving serving(*this, *stream);
    served = takeRequest(*stream, thread, crashed);
  }
  if (served.crashed != nullptr) return diagnostics_.serve(std::move(stream), *served.crashed);
  if (served.fate == ServerStreamFate::park && !isDisabled()) return parked_.park(std::move(stream), kNever);
  if (served.fate == ServerStreamFate::park)
    served.end = StreamEndReport{.stream = stream->name(), .detail = "compilations are disabled"};
  stream.reset();
  if (served.end) reportEnd(*served.end);
}

/// The reactions of semantics.md, section 4, "Server's reaction to exceptions while taking a request". One
/// difference: when memory runs out before the request was read, the stream is closed, for the bytes that
/// were too many would still be there.
FakeCompiler::Served FakeCompiler::takeRequest(ServerStream& stream, std::size_t thread,
                                               const ScriptedCompilation* crashed) {
  const auto end = [&](const std::exception& reason, bool failure) {
    return Served{
        .fate = ServerStreamFate::close,
        .end = StreamEndReport{.stream = stream.name(), .detail = reason.what(), .failure = failure}};
  };
  try {
    if (stream.getClientId() == 0) beginConversation(stream);
    stream.readCompileRequestMessage();
    if (crashed != nullptr && requestOn(stream).jit_dump) return serveJitDump(stream, *crashed);
    if (auto refused = refuse(stream)) return std::move(*refused);
    return serveRequest(stream, thread);
  } catch (const StreamFailure& failure) {
    return end(failure, !isOrderlyEnd(failure));
  } catch (const StreamVersionIncompatible& incompatible) {
    return answerAndEnd(stream, options_.dialect->status_version_incompatible, kNoOtherData, incompatible);
  } catch (const StreamMessageTypeMismatch& mismatch) {
    return answerAndEnd(stream, options_.dialect->status_message_type_mismatch, kNoOtherData, mismatch);
  } catch (const StreamClientSessionTerminate& goodbye) {
    sessions_.terminate(goodbye.clientUid());
    return end(goodbye, false);
  } catch (const StreamConnectionTerminate& goodbye) {
    return end(goodbye, false);
  } catch (const StreamAOTCacheMapRequest& request) {
    return answerAOTCacheMap(stream, request.cacheName());
  } catch (const std::bad_alloc& exhausted) {
    return answerLowMemory(stream, exhausted);
  } catch (const std::exception& unexpected) {
    return end(unexpected, true);
  }
}

/// What a real server's listener says as soon as it has accepted is said here when the request was read: a
/// connection that is closed with unread bytes is reset, and the client may never see the answer.
std::optional<FakeCompiler::Served> FakeCompiler::refuse(ServerStream& stream) {
  try {
    if (stream.getClientId() == 0) allocate(AllocationPlace::queueEntry);
  } catch (const std::bad_alloc& exhausted) {
    return answerLowMemory(stream, exhausted);
  }
  if (!isDisabled()) return std::nullopt;
  return answerAndEnd(stream, status_stream_failure_, kNoOtherData,
                      StreamException("compilations are disabled"));
}

void FakeCompiler::allocate(AllocationPlace place) const {
  if (options_.out_of_memory && options_.out_of_memory(place)) throw std::bad_alloc();
}

/// Before the first request of a connection is read.
void FakeCompiler::beginConversation(ServerStream& stream) {
  if (!conduct_->actsAt(ConversationStep::accepted)) return;
  std::uint64_t connection = 0;
  {
    const Lock lock(*mutex_);
    connection = ++accepted_;
  }
  conduct_->pass(stream, {.step = ConversationStep::accepted, .compilation = connection});
}

CompileRequest FakeCompiler::requestOn(const ServerStream& stream) const {
  const auto data_points =
      options_.stream.accept_any_version ? RequestDataPoints::any : RequestDataPoints::ofRelease;
  return requests_.readChecked(stream.message(), stream.name(), data_points);
}

FakeCompiler::Served FakeCompiler::serveRequest(ServerStream& stream, std::size_t thread) {
  const CompileRequest request = requestOn(stream);
  ServerCompilationReport report;
  report.stream = stream.name();
  report.client_uid = request.numbers.client_uid;
  report.thread = thread;
  stream.setClientId(report.client_uid);
  if (!beginCompilation(report)) {
    return {.fate = ServerStreamFate::close,
            .end = StreamEndReport{.stream = report.stream,
                                   .detail = "all compilations that were asked for are done",
                                   .failure = false}};
  }
  const Served served = compileInTurn(stream, request, report);
  endCompilation(report);
  return served;
}

/// In no order, and without the session: it is no compilation of the client's, and nobody waits for it.
FakeCompiler::Served FakeCompiler::serveJitDump(ServerStream& stream, const ScriptedCompilation& crashed) {
  JITRIG_REACHED("fakecompiler: a JitDump is served");
  ServerCompilationReport report;
  report.stream = stream.name();
  report.client_uid = requests_.read(stream.message()).numbers.client_uid;
  report.script = crashed.name;
  report.thread = DiagnosticThread::kIndex;
  const ServerStreamFate fate =
      compile(stream, makeJitDump(*options_.dialect, crashed), nullptr, report, correctConduct(), *load_);
  const Lock lock(*mutex_);
  report.number = summary_.jit_dumps++;
  observer_.onJitDump(report);
  return {.fate = fate};
}

FakeCompiler::Served FakeCompiler::compileInTurn(ServerStream& stream, const CompileRequest& request,
                                                 ServerCompilationReport& report) {
  const auto answer = [&](std::uint32_t status, std::uint64_t other, const std::exception& reason) {
    return Served{.fate = answerFailure(stream, status, other, reason.what(), report)};
  };
  try {
    return playScript(stream, request, report);
  } catch (const StreamOOO& late) {
    return answer(status_lost_message_, kNoOtherData, late);
  } catch (const StreamFailure& stopped) {
    report.outcome = CompilationOutcome::streamFailure;
    report.as_asked = false;
    report.detail = stopped.what();
    return {.fate = ServerStreamFate::close};
  } catch (const std::bad_alloc& exhausted) {
    report.states = load_->statesWithoutMemory();
    return answer(status_low_memory_, static_cast<std::uint64_t>(report.states->states.memory), exhausted);
  } catch (const std::exception& unexpected) {
    return answer(kStatusCompilationFailure, kNoOtherData, unexpected);
  }
}

/// A request that comes too late takes no compilation of the script.
FakeCompiler::Served FakeCompiler::playScript(ServerStream& stream, const CompileRequest& request,
                                              ServerCompilationReport& report) {
  allocate(AllocationPlace::clientSession);
  const ClientSessionUse use(sessions_, request.numbers);
  RequestOrder::Turn turn(use.session().order(), request.numbers,
                          {.thread = report.thread,
                           .stream = report.stream,
                           .created_session = use.created(),
                           .updates = countsOf(request.updates)});
  allocate(AllocationPlace::compilation);
  const ScriptedCompilation& script = script_.take(stream.message());
  report.script = script.name;
  if (script.end.kind == ScriptEnd::Kind::crash) disableCompilations();
  SessionPreparation preparation(use.session(), turn, request, session_queries_, script.ask_session_queries);
  // What was recorded for a request is played as it was recorded.
  if (script.request) return {.fate = compile(stream, script, &preparation, report, *conduct_, *load_)};
  AOTCompilation aot(aot_, use.session(), stream.message(), use.created());
  const ServerStreamFate fate = compile(stream, script, &preparation, report, *conduct_, *load_, &aot);
  report.aot = aot.serving();
  return {.fate = fate, .end = {}, .crashed = fate == ServerStreamFate::diagnose ? &script : nullptr};
}

bool FakeCompiler::beginCompilation(ServerCompilationReport& report) {
  const Lock lock(*mutex_);
  if (options_.max_compilations && begun_ >= *options_.max_compilations) return false;
  report.number = begun_++;
  return true;
}

void FakeCompiler::endCompilation(const ServerCompilationReport& report) {
  const Lock lock(*mutex_);
  switch (report.outcome) {
    case CompilationOutcome::compiled: ++summary_.compiled; break;
    case CompilationOutcome::failed: ++summary_.failed; break;
    case CompilationOutcome::interrupted: ++summary_.interrupted; break;
    case CompilationOutcome::streamFailure:
      ++summary_.stream_failures;
      ++summary_.stream_failures_compiling;
      break;
  }
  if (!report.as_asked) ++summary_.not_as_asked;
  ++ended_;
  observer_.onCompilation(report);
  changed_->notifyAll();
}

FakeCompiler::Served FakeCompiler::answerAndEnd(ServerStream& stream, std::uint32_t status,
                                                std::uint64_t other, const std::exception& reason) {
  StreamEndReport end{.stream = stream.name(), .detail = reason.what(), .failure = true};
  try {
    stream.writeError(status, other);
    end.detail += fmt::format("; answered status {}", status);
  } catch (const StreamFailure& failure) {
    end.detail += fmt::format("; could not be answered: {}", failure.what());
  }
  return {.fate = ServerStreamFate::close, .end = std::move(end)};
}

FakeCompiler::Served FakeCompiler::answerLowMemory(ServerStream& stream, const std::bad_alloc& exhausted) {
  const auto memory = static_cast<std::uint64_t>(load_->statesWithoutMemory().states.memory);
  return answerAndEnd(stream, status_low_memory_, memory, exhausted);
}

FakeCompiler::Served FakeCompiler::answerAOTCacheMap(ServerStream& stream, const std::string& cache_name) {
  StreamEndReport end{
      .stream = stream.name(), .detail = "asked for the map of an AOT cache", .failure = false};
  try {
    // A cache that does not exist has an empty map, as on a real server.
    const auto& maps = script_.script().aot_cache_maps;
    const auto map = maps.find(cache_name);
    const std::uint16_t reply = *options_.dialect->aot_cache_map_reply;
    if (map != maps.end()) {
      stream.write(reply, map->second);
    } else {
      stream.write(reply, aot_caches_.signatures(cache_name));
    }
  } catch (const StreamFailure& failure) {
    end.detail = failure.what();
    end.failure = true;
  }
  return {.fate = ServerStreamFate::close, .end = std::move(end)};
}

void FakeCompiler::reportEnd(const StreamEndReport& report) {
  const Lock lock(*mutex_);
  if (report.failure) ++summary_.stream_failures;
  observer_.onStreamEnd(report);
}

FakeCompilerSummary FakeCompiler::summary() const {
  const Lock lock(*mutex_);
  FakeCompilerSummary summary = summary_;
  summary.messages_received = counters_.received.load();
  summary.messages_sent = counters_.sent.load();
  return summary;
}

bool FakeCompiler::waitForCompilations() {
  Lock lock(*mutex_);
  const auto done = [&] { return options_.max_compilations && ended_ >= *options_.max_compilations; };
  changed_->wait(lock, kNever, [&] { return woken_ || stopping_ || done(); });
  return done();
}

std::size_t FakeCompiler::openStreams() const {
  const Lock lock(*mutex_);
  return live_streams_;
}

void FakeCompiler::waitForGoodbyes(Instant deadline) {
  Lock lock(*mutex_);
  changed_->wait(lock, deadline,
                 [&] { return woken_ || stopping_ || (live_streams_ == 0 && sessions_.size() == 0); });
}

void FakeCompiler::wakeWaiters() {
  const Lock lock(*mutex_);
  woken_ = true;
  changed_->notifyAll();
}

}  // namespace jitrig
