#pragma once

// One misbehaving persona among those that behave.

#include <string_view>

#include "protocol/stream/misbehaviour.h"
#include "scenarios/personas_test_support.h"

namespace jitrig::test {

inline constexpr std::int64_t kShortTimeoutMs = 1000;
inline constexpr std::uint64_t kMisbehavingUid = 100;
/// Whom the misbehaviours with another client's UID mean: one higher.
inline constexpr std::uint64_t kInnocentUid = 101;

/// Everything that was told about one run.
struct Told {
  std::vector<CompilationReport> victims;  ///< of the client that misbehaves, or is misbehaved to
  std::vector<Duration> took;              ///< its compilations
  FakeVMSummary victims_summary;
  std::vector<CompilationReport> innocent;
  std::vector<CompilationReport> fresh;
  std::vector<ServerCompilationReport> served;
  std::vector<StreamEndReport> ends;
  std::size_t parked = 0;
};

class TimedReports final : public FakeVMObserver {
 public:
  explicit TimedReports(Runtime& runtime) : runtime_(runtime), last_(runtime.now()) {}
  void onCompilation(const CompilationReport& report) override {
    compilations.push_back(report);
    took.push_back(runtime_.now() - last_);
    last_ = runtime_.now();
  }

  std::vector<CompilationReport> compilations;
  std::vector<Duration> took;

 private:
  Runtime& runtime_;
  Instant last_;
};

/// Answers each query after a while, and lets others wait for the first one.
class SlowFrontend final : public Frontend {
 public:
  SlowFrontend(Runtime& runtime, Duration pause)
      : runtime_(runtime),
        pause_(pause),
        mutex_(runtime.makeMutex("slow front end")),
        begun_(runtime.makeCondition("slow front end")) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override {
    return std::make_unique<Compilation>(*this, otherwise_.beginCompilation(number));
  }
  void waitForFirstQuery() {
    Lock lock(*mutex_);
    begun_->wait(lock, runtime_.now() + kPatience, [this] { return asked_; });
  }

 private:
  class Compilation final : public CompilationFrontend {
   public:
    Compilation(SlowFrontend& owner, std::unique_ptr<CompilationFrontend> otherwise)
        : owner_(owner), otherwise_(std::move(otherwise)) {}
    std::string methodName() const override { return otherwise_->methodName(); }
    std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
      return otherwise_->compilationRequest(identity);
    }
    Answer answer(const Message& query) override {
      owner_.asked();
      return otherwise_->answer(query);
    }

   private:
    SlowFrontend& owner_;
    std::unique_ptr<CompilationFrontend> otherwise_;
  };

  void asked() {
    {
      const Lock lock(*mutex_);
      asked_ = true;
      begun_->notifyAll();
    }
    if (pause_ > Duration{}) runtime_.sleepUntil(runtime_.now() + pause_);
  }

  Runtime& runtime_;
  Duration pause_;
  DefaultFrontend otherwise_{headDialect()};
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> begun_;
  bool asked_ = false;
};

/// The first request is asked for long, others as usual.
inline Script longThenDefault() {
  const Script usual = defaultScript(*headDialect());
  ScriptedCompilation first = usual.compilations.front();
  for (int i = 0; i < 40; ++i) first.queries.push_back(makeQuery(*headDialect(), "VM_isClassArray").value());
  Script script;
  script.compilations.push_back(first);
  for (int i = 0; i < 20; ++i) script.compilations.push_back(usual.compilations.front());
  return script;
}

/// How it is played.
struct MisbehaviourPlay {
  Carrier carrier = Carrier::tcp;
  std::vector<MisbehaviourSpec> of_vm = {};
  std::vector<MisbehaviourSpec> of_compiler = {};
  std::int64_t timeout_ms = kShortTimeoutMs;
  Duration innocent_pause = std::chrono::milliseconds(100);
};

/// The innocent client's compilation is the server's first, and lasts as long as all others. Then the client
/// with the victims compiles three times, and after it a fresh one twice.
inline Told play(Runtime& runtime, const MisbehaviourPlay& how) {
  Personas personas(runtime, how.carrier);
  personas.compiler_options.script = longThenDefault();
  personas.compiler_options.compilation_threads = 3;
  personas.compiler_options.stream.timeout_ms = how.timeout_ms;
  personas.compiler_options.first_request_timeout_ms = how.timeout_ms;
  personas.compiler_options.misbehaviours = how.of_compiler;
  FakeCompiler& compiler = personas.startCompiler();

  SlowFrontend slow(runtime, how.innocent_pause);
  DefaultFrontend usual(headDialect());
  const auto compile = [&](FakeVMOptions options, std::uint64_t uid, std::uint64_t compilations,
                           Frontend& frontend, FakeVMObserver& observer) {
    options.client_uid = uid;
    options.compilations = compilations;
    return FakeVM(runtime, std::move(options), frontend, observer).run();
  };
  Told told;
  ClientReports innocent;
  const auto task =
      runtime.spawn("innocent VM", [&] { compile(personas.vm_options, kInnocentUid, 1, slow, innocent); });
  slow.waitForFirstQuery();

  FakeVMOptions options = personas.vm_options;
  options.stream.timeout_ms = how.timeout_ms;
  options.misbehaviours = how.of_vm;
  TimedReports victims(runtime);
  told.victims_summary = compile(options, kMisbehavingUid, 3, usual, victims);
  ClientReports fresh;
  compile(personas.vm_options, kInnocentUid + 1, 2, usual, fresh);
  task->join();
  personas.finish();

  told.victims = victims.compilations;
  told.took = victims.took;
  told.innocent = innocent.compilations;
  told.fresh = fresh.compilations;
  told.served = personas.server.compilations;
  told.ends = personas.server.ends;
  told.parked = compiler.parkedStreams();
  return told;
}

}  // namespace jitrig::test
