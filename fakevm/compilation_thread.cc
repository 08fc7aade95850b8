#include "fakevm/compilation_thread.h"

#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fakevm/jit_dump.h"
#include "protocol/runtime/reached.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {

/// Between a compilation and its front end: sees which server asks, and gives up what has become worthless.
class FakeVM::Watch final : public CompilationFrontend {
 public:
  Watch(FakeVM& vm, CompilationFrontend& inner) : vm_(vm), inner_(inner), upheavals_(vm.upheavals_) {}

  std::string methodName() const override { return inner_.methodName(); }
  std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
    return inner_.compilationRequest(identity);
  }
  void addRequest(const RequestIdentity& identity, Message& request) override {
    inner_.addRequest(identity, request);
  }
  Answer answer(const Message& query) override {
    if (!isWorthless()) return inner_.answer(query);
    JITRIG_REACHED("fakevm: a compilation is given up, for its classes have changed");
    return {.kind = Answer::Kind::interrupt, .values = {}};
  }
  std::string accept(const Message& final_message) override { return inner_.accept(final_message); }
  bool asksForJitDumps() const override { return inner_.asksForJitDumps(); }
  /// Asked for first, of every query.
  std::span<const std::byte> encodedReply(const Message& query) override {
    if (query.type() == vm_.session_query_) {
      const auto values = toValues(query);
      const auto* server_uid = values.empty() ? nullptr : values[0].get<std::uint64_t>();
      if (server_uid != nullptr) vm_.met(*server_uid);
    }
    if (isWorthless()) return {};  // answer() says so
    return inner_.encodedReply(query);
  }

 private:
  bool isWorthless() const { return vm_.upheavals_.load(std::memory_order_relaxed) != upheavals_; }

  FakeVM& vm_;
  CompilationFrontend& inner_;
  const std::uint64_t upheavals_;  ///< before its request was made
};

void FakeVM::CompilationThread::run() {
  std::uint64_t number = 0;
  RequestIdentity identity;
  auto next = MethodQueue::Next::method;
  while (next != MethodQueue::Next::end) {
    next = vm_.takeMethod(index_, number, identity);
    if (next == MethodQueue::Next::method) {
      compile(number, identity);
    } else {
      leaveStream();
    }
  }
}

void FakeVM::CompilationThread::compile(std::uint64_t number, RequestIdentity& identity) {
  bool again = true;
  bool crashed = false;
  AOTWish wish;
  for (std::uint32_t attempt = 1; again; ++attempt) {
    CompilationReport report;
    report.number = number;
    report.thread = index_;
    report.attempt = attempt;
    const RemoteDecision decision = vm_.begin(report, crashed);
    tryOnce(decision, identity, wish, report);
    again = vm_.report(report, decision);
    crashed = report.server_crashed;
    wish = aotWishAfter(report, wish);
  }
}

void FakeVM::CompilationThread::tryOnce(RemoteDecision decision, RequestIdentity& identity,
                                        const AOTWish& wish, CompilationReport& report) {
  const auto frontend = vm_.frontend_.beginCompilation(report.number);
  report.method = frontend->methodName();
  if (!isRemote(decision)) {
    report.detail = reasonOf(decision);
    return;
  }
  requireStep();
  if (decision == RemoteDecision::probe) leaveStream();
  const bool first_request = !stream_;
  if (!haveStream(report)) return;
  if (vm_.life_.asReal()) identity = vm_.drawIdentity();
  report.sequence_number = identity.sequence_number;
  report.changes = countsOf(identity.changes);
  std::optional<AOTAttempt> aot;
  if (vm_.aot_) aot.emplace(*vm_.aot_, *frontend, World().method(report.number), wish, report.aot);
  CompilationFrontend& asked = aot ? static_cast<CompilationFrontend&>(*aot) : *frontend;
  const StreamFate fate = converse(asked, identity, report, first_request);
  // The real client does not go on with a connection on which it gave up.
  const bool gave_up = vm_.life_.asReal() && report.result == CompilationResult::interrupted;
  if (fate == StreamFate::dump) {
    const CompilationReport dump = askForJitDump(*stream_, *frontend, vm_.drawDumpIdentity(), report);
    report.detail += fmt::format("; its JitDump: {}", toString(dump.result));
    vm_.reportJitDump(dump);
  }
  if (fate != StreamFate::keep || gave_up) closeStream();
  if (vm_.options_.stream_per_compilation) {
    tellOutOfTurn();
    closeStream();
  }
  // What most servers do that cannot make anything of a first record that is none of TLS.
  if (report.unanswered && first_request && !vm_.options_.tls) {
    report.detail += "; a server that expects TLS does so";
  }
}

bool FakeVM::CompilationThread::haveStream(CompilationReport& report) {
  if (stream_) return true;
  try {
    stream_ = vm_.openStream(vm_.connectDeadline());
  } catch (const StreamFailure& failure) {
    JITRIG_REACHED("fakevm: no server, so a method is compiled locally");
    report.result = vm_.life_.asReal() ? CompilationResult::terminated : CompilationResult::local;
    report.stream_loss = {.cause = StreamFailure::Cause::connect, .net_error = failure.netError()};
    report.detail = fmt::format("no connection: {}", failure.what());
    return false;
  }
  if (vm_.life_.asReal()) vm_.connected(report);
  return true;
}

/// What the server has sent behind the last final message is no answer to the next request: that one gets a
/// connection of its own.
void FakeVM::CompilationThread::requireStep() {
  if (tellOutOfTurn()) leaveStream();
}

bool FakeVM::CompilationThread::tellOutOfTurn() {
  if (!stream_ || !stream_->hasUnreadInput()) return false;
  vm_.reportOutOfTurn(stream_->name());
  return true;
}

void FakeVM::CompilationThread::leaveStream() {
  terminateConnection(vm_.beginFarewell());
  closeStream();
}

StreamFate FakeVM::CompilationThread::converse(CompilationFrontend& frontend, const RequestIdentity& identity,
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
    report.stream_loss = {.cause = failure.cause(), .net_error = failure.netError()};
    report.detail = failure.what();
    return StreamFate::close;
  }
  if (!vm_.life_.asReal() && !vm_.options_.class_events.any())
    return compileRemotely(*stream_, frontend, identity, report, *vm_.conduct_);
  Watch watch(vm_, frontend);
  return compileRemotely(*stream_, watch, identity, report, *vm_.conduct_);
}

void FakeVM::CompilationThread::closeStream() {
  if (stream_) vm_.closeStream(std::move(stream_));
}

/// The server may be gone by now: then there is nobody to say goodbye to.
void FakeVM::CompilationThread::terminateConnection(Instant until) {
  if (!stream_ || !vm_.mayTerminateConnection()) return;
  try {
    stream_->endBy(until);
    const auto goodbye = stream_->encode(vm_.options_.dialect->connection_terminate, {});
    vm_.conduct_->write(*stream_, goodbye, {.step = ConversationStep::goodbye});
  } catch (const StreamFailure&) {
    closeStream();
  }
}

}  // namespace jitrig
