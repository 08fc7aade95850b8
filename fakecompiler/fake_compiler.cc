#include "fakecompiler/fake_compiler.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "protocol/catalogue/data_point_fit.h"

namespace jitrig {
namespace {

/// What a real server asks first in a session whose caches are empty (semantics.md, section 3).
constexpr std::array<std::string_view, 2> kSessionQueries{"getUnloadedClassRangesAndCHTable", "VM_getVMInfo"};

std::vector<ScriptQuery> sessionQueries(const Dialect& dialect) {
  std::vector<ScriptQuery> queries;
  for (const std::string_view name : kSessionQueries) {
    if (auto query = makeQuery(dialect, name)) queries.push_back(std::move(*query));
  }
  return queries;
}

}  // namespace

FakeCompiler::FakeCompiler(Runtime& runtime, FakeCompilerOptions options, FakeCompilerObserver& observer)
    : runtime_(runtime),
      options_(std::move(options)),
      observer_(observer),
      script_(runtime, std::move(options_.script)),
      session_queries_(sessionQueries(*options_.dialect)),
      sessions_(runtime),
      queue_(runtime),
      parked_(
          runtime, [this](std::unique_ptr<ServerStream> stream) { queue_.push(std::move(stream)); },
          [this](std::unique_ptr<ServerStream> stream) {
            endStream(std::move(stream),
                      fmt::format("no request within {} ms", options_.first_request_timeout_ms), true);
          }),
      mutex_(runtime.makeMutex("fake compiler")),
      changed_(runtime.makeCondition("fake compiler")) {}

NetResult<std::unique_ptr<FakeCompiler>> FakeCompiler::make(Runtime& runtime, FakeCompilerOptions options,
                                                            FakeCompilerObserver& observer) {
  std::unique_ptr<FakeCompiler> compiler(new FakeCompiler(runtime, std::move(options), observer));
  auto listener = Listener::make(runtime, compiler->options_.listener, *compiler);
  if (!listener) return std::unexpected(listener.error());
  compiler->listener_ = std::move(*listener);
  return compiler;
}

FakeCompiler::~FakeCompiler() {
  stop();
}

void FakeCompiler::start() {
  for (std::size_t i = 0; i < options_.compilation_threads; ++i) {
    threads_.push_back(
        runtime_.spawn(fmt::format("server compilation thread {}", i), [this] { compilationThread(); }));
  }
  parked_.start();
  listener_->start();
}

void FakeCompiler::stop() {
  if (!listener_) return;  // make() failed
  listener_->stop();
  parked_.stop();
  queue_.close();
  {
    const Lock lock(*mutex_);
    stopping_ = true;
    for (ServerStream* stream : serving_) stream->cancel();
  }
  for (const auto& thread : threads_) thread->join();
  threads_.clear();
}

void FakeCompiler::onConnection(std::unique_ptr<ByteStream> bytes) {
  if (options_.decorate) bytes = options_.decorate(std::move(bytes));
  auto stream = std::make_unique<ServerStream>(runtime_, std::move(bytes), options_.dialect, options_.stream);
  stream->countInto(counters_);
  {
    const Lock lock(*mutex_);
    ++live_streams_;
  }
  parked_.park(std::move(stream),
               runtime_.now() + std::chrono::milliseconds(options_.first_request_timeout_ms));
}

void FakeCompiler::compilationThread() {
  while (auto stream = queue_.pop()) serve(std::move(stream));
}

/// The reactions of semantics.md, section 4, "Server's reaction to exceptions while taking a request".
void FakeCompiler::serve(std::unique_ptr<ServerStream> stream) {
  {
    const Lock lock(*mutex_);
    serving_.push_back(stream.get());
    if (stopping_) stream->cancel();
  }
  try {
    stream->readCompileRequestMessage();
  } catch (const StreamFailure& failure) {
    return endStream(std::move(stream), failure.what(), failure.cause() != StreamFailure::Cause::endOfStream);
  } catch (const StreamVersionIncompatible& incompatible) {
    return answerAndEnd(std::move(stream), options_.dialect->status_version_incompatible, incompatible);
  } catch (const StreamMessageTypeMismatch& mismatch) {
    return answerAndEnd(std::move(stream), options_.dialect->status_message_type_mismatch, mismatch);
  } catch (const StreamClientSessionTerminate& goodbye) {
    sessions_.terminate(goodbye.clientUid());
    return endStream(std::move(stream), goodbye.what(), false);
  } catch (const StreamConnectionTerminate& goodbye) {
    return endStream(std::move(stream), goodbye.what(), false);
  } catch (const StreamAOTCacheMapRequest& request) {
    return answerAOTCacheMap(std::move(stream), request.cacheName());
  }
  serveRequest(std::move(stream));
}

void FakeCompiler::serveRequest(std::unique_ptr<ServerStream> stream) {
  ServerCompilationReport report;
  report.stream = stream->name();
  try {
    report.client_uid = requestUid(*stream);
  } catch (const StreamFailure& misfit) {
    return endStream(std::move(stream), misfit.what(), true);
  }
  stream->setClientId(report.client_uid);
  if (!beginCompilation(report)) {
    return endStream(std::move(stream), "all compilations that were asked for are done", false);
  }
  const ScriptedCompilation& script = script_.take(toValues(stream->message()));
  report.script = script.name;
  const bool first = sessions_.beginCompilation(report.client_uid);
  const auto session_queries = first && script.ask_session_queries
                                   ? std::span<const ScriptQuery>(session_queries_)
                                   : std::span<const ScriptQuery>();
  const ServerStreamFate fate = compile(*stream, script, session_queries, report);
  sessions_.endCompilation(report.client_uid);
  {
    const Lock lock(*mutex_);
    std::erase(serving_, stream.get());
  }
  endCompilation(report);
  if (fate == ServerStreamFate::park) {
    parked_.park(std::move(stream), kNever);
  } else {
    drop(std::move(stream));
  }
}

/// The client UID, and whether the request has the data points of the release.
std::uint64_t FakeCompiler::requestUid(ServerStream& stream) const {
  const std::vector<Value> request = toValues(stream.message());
  const MessageType* type = options_.dialect->table->find(options_.dialect->compilation_request);
  if (type->request && !options_.stream.accept_any_version) {
    if (const auto misfit = checkDataPoints(request, *type->request)) {
      const std::string what = fmt::format("{}: compilationRequest: {}", stream.name(), toString(*misfit));
      if (misfit->path.empty()) throw StreamArityMismatch(what);
      throw StreamTypeMismatch(what);
    }
  }
  const auto* client_uid = request.empty() ? nullptr : request[0].get<std::uint64_t>();
  if (client_uid == nullptr) {
    throw StreamTypeMismatch(
        fmt::format("{}: compilationRequest: data point 0: expected the client UID (uint64)", stream.name()));
  }
  return *client_uid;
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

void FakeCompiler::endStream(std::unique_ptr<ServerStream> stream, const std::string& detail, bool failure) {
  StreamEndReport report{.stream = stream->name(), .detail = detail, .failure = failure};
  drop(std::move(stream));
  const Lock lock(*mutex_);
  if (failure) ++summary_.stream_failures;
  observer_.onStreamEnd(report);
}

void FakeCompiler::answerAndEnd(std::unique_ptr<ServerStream> stream, std::uint32_t status,
                                const StreamException& reason) {
  std::string detail = fmt::format("{}; answered status {}", reason.what(), status);
  try {
    stream->writeError(status);
  } catch (const StreamFailure& failure) {
    detail = fmt::format("{}; could not be answered: {}", reason.what(), failure.what());
  }
  endStream(std::move(stream), detail, true);
}

void FakeCompiler::answerAOTCacheMap(std::unique_ptr<ServerStream> stream, const std::string& cache_name) {
  try {
    // A cache that does not exist has an empty map, as on a real server.
    const auto& maps = script_.script().aot_cache_maps;
    const auto map = maps.find(cache_name);
    const std::uint16_t reply = *options_.dialect->aot_cache_map_reply;
    if (map != maps.end()) {
      stream->write(reply, map->second);
    } else {
      stream->write(reply, std::vector<std::string>());
    }
    endStream(std::move(stream), "asked for the map of an AOT cache", false);
  } catch (const StreamFailure& failure) {
    endStream(std::move(stream), failure.what(), true);
  }
}

void FakeCompiler::drop(std::unique_ptr<ServerStream> stream) {
  {
    const Lock lock(*mutex_);
    std::erase(serving_, stream.get());
  }
  stream.reset();
  const Lock lock(*mutex_);
  --live_streams_;
  changed_->notifyAll();
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
  changed_->wait(lock, kNever, [&] { return woken_ || done(); });
  return done();
}

void FakeCompiler::waitForGoodbyes(Instant deadline) {
  Lock lock(*mutex_);
  changed_->wait(lock, deadline, [&] { return woken_ || (live_streams_ == 0 && sessions_.size() == 0); });
}

void FakeCompiler::wakeWaiters() {
  const Lock lock(*mutex_);
  woken_ = true;
  changed_->notifyAll();
}

}  // namespace jitrig
