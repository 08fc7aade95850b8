#include "fakevm/fake_vm.h"

#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/reached.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {

/// One compilation thread and its stream.
class FakeVM::CompilationThread {
 public:
  CompilationThread(FakeVM& vm, std::size_t index) : vm_(vm), index_(index) {}
  ~CompilationThread() { closeStream(); }
  CompilationThread(const CompilationThread&) = delete;
  CompilationThread& operator=(const CompilationThread&) = delete;

  void run() {
    std::uint64_t number = 0;
    RequestIdentity identity;
    while (vm_.takeMethod(number, identity)) compile(number, identity);
    terminateConnection();
    closeStream();
  }

 private:
  void compile(std::uint64_t number, const RequestIdentity& identity) {
    const auto frontend = vm_.frontend_.beginCompilation(number);
    CompilationReport report;
    report.number = number;
    report.thread = index_;
    report.method = frontend->methodName();
    requireStep();
    const bool first_request = !stream_;
    try {
      if (!stream_) stream_ = vm_.openStream();
    } catch (const StreamFailure& failure) {
      JITRIG_REACHED("fakevm: no server, so a method is compiled locally");
      report.result = CompilationResult::local;
      report.detail = fmt::format("no connection: {}", failure.what());
      vm_.report(report, true);
      return;
    }
    if (converse(*frontend, identity, report, first_request) == StreamFate::close) closeStream();
    // What most servers do that cannot make anything of a first record that is none of TLS.
    if (report.unanswered && first_request && !vm_.options_.tls) {
      report.detail += "; a server that expects TLS does so";
    }
    vm_.report(report, report.result == CompilationResult::terminated);
  }

  /// What the server has sent behind the last final message is no answer to the next request: that one gets a
  /// connection of its own.
  void requireStep() {
    if (!stream_ || !stream_->hasUnreadInput()) return;
    vm_.reportOutOfTurn(stream_->name());
    terminateConnection();
    closeStream();
  }

  StreamFate converse(CompilationFrontend& frontend, const RequestIdentity& identity,
                      CompilationReport& report, bool first_request) {
    try {
      if (first_request) {
        vm_.conduct_->pass(*stream_, {.step = ConversationStep::connected,
                                      .compilation = report.number + 1,
                                      .index = 0,
                                      .misbehaved = &report.misbehaved});
      }
    } catch (const StreamFailure& failure) {
      report.result = CompilationResult::terminated;
      report.detail = failure.what();
      return StreamFate::close;
    }
    return compileRemotely(*stream_, frontend, identity, report, *vm_.conduct_);
  }

  void closeStream() {
    if (stream_) vm_.closeStream(std::move(stream_));
  }

  /// The server may be gone by now: then there is nobody to say goodbye to.
  void terminateConnection() {
    if (!stream_) return;
    try {
      const auto goodbye = stream_->encode(vm_.options_.dialect->connection_terminate, {});
      vm_.conduct_->write(*stream_, goodbye, {.step = ConversationStep::goodbye});
    } catch (const StreamFailure&) {
      closeStream();
    }
  }

  FakeVM& vm_;
  std::size_t index_;
  std::unique_ptr<ClientStream> stream_;
};

FakeVM::FakeVM(Runtime& runtime, FakeVMOptions options, Frontend& frontend, FakeVMObserver& observer)
    : runtime_(runtime),
      options_(std::move(options)),
      frontend_(frontend),
      observer_(observer),
      conduct_(makeConduct(runtime, options_.misbehaviours, vmMisbehaviourTable())),
      mutex_(runtime.makeMutex("fake VM")) {
  while (options_.client_uid == 0) options_.client_uid = runtime_.random(RandomPurpose::workload);
}

FakeVM::~FakeVM() = default;

FakeVMSummary FakeVM::run() {
  std::vector<std::unique_ptr<CompilationThread>> threads;
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::size_t i = 0; i < options_.compilation_threads; ++i) {
    threads.push_back(std::make_unique<CompilationThread>(*this, i));
    tasks.push_back(runtime_.spawn(fmt::format("compilation thread {}", i),
                                   [thread = threads.back().get()] { thread->run(); }));
  }
  for (const auto& task : tasks) task->join();
  sayGoodbye();
  const Lock lock(*mutex_);
  summary_.messages_received = counters_.received.load();
  summary_.messages_sent = counters_.sent.load();
  return summary_;
}

void FakeVM::stop() {
  conduct_->stop();
  const Lock lock(*mutex_);
  stopping_ = true;
  if (!open_streams_.empty()) JITRIG_REACHED("fakevm: it is stopped in mid conversation");
  for (ClientStream* stream : open_streams_) stream->cancel();
}

void FakeVM::kill() {
  conduct_->stop();
  const Lock lock(*mutex_);
  stopping_ = true;
  killed_ = true;
  for (ClientStream* stream : open_streams_) stream->reset();
}

bool FakeVM::takeMethod(std::uint64_t& number, RequestIdentity& identity) {
  const Lock lock(*mutex_);
  if (stopping_ || next_method_ >= options_.compilations) return false;
  number = next_method_++;
  // Sequence numbers count from 1: a server that has seen nothing has processed number 0.
  identity = {.client_uid = options_.client_uid,
              .sequence_number = ++last_sequence_number_,
              .last_critical_sequence_number = 0};
  return true;
}

std::unique_ptr<ByteStream> FakeVM::connectBytes() {
  try {
    return options_.connect ? options_.connect()
                            : connectTo(runtime_, options_.server, options_.stream, options_.tls);
  } catch (const StreamFailure& failure) {
    const Lock lock(*mutex_);
    summary_.last_connect_error = failure.what();
    throw;
  }
}

/// Open streams are where stop() can reach them.
std::unique_ptr<ClientStream> FakeVM::openStream() {
  std::unique_ptr<ByteStream> bytes = connectBytes();
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

void FakeVM::report(const CompilationReport& report, bool stream_failed) {
  const Lock lock(*mutex_);
  switch (report.result) {
    case CompilationResult::compiled: ++summary_.compiled; break;
    case CompilationResult::local:
      ++summary_.local;
      if (options_.stop_if_unreachable && summary_.connections == 0) stopping_ = true;
      break;
    case CompilationResult::failed:
    case CompilationResult::terminated:
    case CompilationResult::interrupted: ++summary_.failed; break;
  }
  if (stream_failed) ++summary_.stream_failures;
  observer_.onCompilation(report);
}

void FakeVM::reportOutOfTurn(const std::string& stream) {
  const Lock lock(*mutex_);
  JITRIG_REACHED("fakevm: the server spoke out of turn");
  ++summary_.out_of_turn;
  observer_.onOutOfTurn(stream);
}

void FakeVM::sayGoodbye() {
  {
    const Lock lock(*mutex_);
    if (stopping_ || summary_.connections == 0) return;  // no server knows of this client
  }
  std::unique_ptr<ClientStream> stream;
  try {
    stream = openStream();
    const std::array<Value, 1> uid{options_.client_uid};
    conduct_->write(*stream, stream->encode(options_.dialect->client_session_terminate, uid),
                    {.step = ConversationStep::sessionGoodbye});
    closeStream(std::move(stream));
  } catch (const StreamFailure&) {
    // The server is gone, and with it the session: nothing is lost, so nothing failed.
    JITRIG_REACHED("fakevm: the server is gone at the last goodbye");
    closeStream(std::move(stream));
  }
}

}  // namespace jitrig
