#pragma once

// Both personas with a RunRecorder around them, for the tests of checkers.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fakecompiler/fake_compiler.h"
#include "fakevm/default_frontend.h"
#include "fakevm/fake_vm.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/certificates/localhost_tls_test_support.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/record/record_text.h"
#include "scenarios/record/run_recorder.h"

namespace jitrig {
struct SimulationOptions;
}  // namespace jitrig

namespace jitrig::test {

/// defaultDialect(), read once.
inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

enum class Carrier { port, pipe, tls };

/// What a recorded world is like. The functions may change what is not listed here.
struct WorldOptions {
  Carrier carrier = Carrier::port;
  std::size_t vms = 3;
  std::uint64_t compilations = 4;
  std::size_t client_threads = 2;
  std::size_t server_threads = 2;
  std::function<void(SimulationOptions&)> change_simulation = [](auto&) {};
  std::function<void(FakeCompilerOptions&)> change_server = [](auto&) {};
  std::function<void(FakeVMOptions&, std::size_t)> change_vm = [](auto&, auto) {};
  std::function<void(Runtime&)> begin = [](auto&) {};
  /// Between tap and connection, at whose end it says.
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>, Direction)> fault{};
  std::function<void()> heal = [] {};
  /// Empty: a DefaultFrontend.
  std::function<std::unique_ptr<Frontend>(std::shared_ptr<const Dialect>)> make_frontend{};
  bool fresh_may_fail = false;  ///< the server's script may want it
  /// Told what the record should say beyond what was seen.
  std::function<void(RunRecorder&)> finish = [](auto&) {};
};

/// A client that does not only answer: of five compilations it interrupts one, closes the connection instead
/// of answering in one, and in one its answer fails.
class FickleFrontend final : public Frontend {
 public:
  explicit FickleFrontend(std::shared_ptr<const Dialect> dialect) : steady_(std::move(dialect)) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override {
    return std::make_unique<Compilation>(steady_.beginCompilation(number), number);
  }

 private:
  class Compilation final : public CompilationFrontend {
   public:
    Compilation(std::unique_ptr<CompilationFrontend> steady, std::uint64_t number)
        : steady_(std::move(steady)), number_(number) {}

    std::string methodName() const override { return steady_->methodName(); }
    std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
      return steady_->compilationRequest(identity);
    }
    Answer answer(const Message& query) override {
      const bool second = ++queries_ == 2;
      if (second && number_ % 5 == 1) return {.kind = Answer::Kind::interrupt, .values = {}};
      if (second && number_ % 5 == 3) return {.kind = Answer::Kind::close, .values = {}};
      if (second && number_ % 5 == 4) throw std::runtime_error("a handler fails");
      return steady_->answer(query);
    }

   private:
    std::unique_ptr<CompilationFrontend> steady_;
    std::uint64_t number_;
    int queries_ = 0;
  };

  DefaultFrontend steady_;
};

/// The default script, then one that fails, one that closes, one that says nothing.
inline Script fickleScript() {
  Script script = defaultScript(*headDialect());
  const ScriptedCompilation good = script.compilations.at(0);
  for (const auto kind : {ScriptEnd::Kind::message, ScriptEnd::Kind::close, ScriptEnd::Kind::nothing}) {
    ScriptedCompilation bad = good;
    bad.end = kind == ScriptEnd::Kind::message ? makeFailure(*headDialect(), 7)
                                               : ScriptEnd{.kind = kind, .values = {}};
    script.compilations.push_back(std::move(bad));
    script.compilations.push_back(good);
  }
  return script;
}

/// One server, some VMs at the same time, then a fresh one, then the end.
class RecordedWorld {
 public:
  RecordedWorld(Runtime& runtime, RunRecorder& recorder, const WorldOptions& options)
      : runtime_(runtime), recorder_(recorder), options_(options) {
    if (options.carrier == Carrier::tls) {
      server_tls_ = testServerTls(runtime);
      client_tls_ = testClientTls(runtime);
    }
  }

  void run() {
    options_.begin(runtime_);
    startServer();
    std::vector<std::unique_ptr<Task>> tasks;
    for (std::size_t i = 0; i < options_.vms; ++i) {
      tasks.push_back(runtime_.spawn(fmt::format("vm {}", i), [this, i] { runVM(i, false); }));
    }
    for (const auto& task : tasks) task->join();
    recorder_.healed();
    options_.heal();
    runVM(options_.vms, true);
    // Virtual or real: only a test that fails waits for so long.
    compiler_->waitForGoodbyes(runtime_.now() + std::chrono::seconds(100));
    server_seen_->atRest(*compiler_);
    server_seen_->stopped();
    compiler_->stop();
    server_seen_->summary(*compiler_);
    compiler_.reset();
  }

 private:
  void startServer() {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
    options.listener.tls = server_tls_;
    options.dialect = headDialect();
    options.script = defaultScript(*headDialect());
    options.compilation_threads = options_.server_threads;
    options_.change_server(options);
    options.decorate = [this](std::unique_ptr<ByteStream> stream) {
      if (options_.fault) stream = options_.fault(std::move(stream), Direction::server);
      return server_seen_->tap(std::move(stream));
    };
    server_seen_ = &recorder_.addServer("server", options);
    auto made = FakeCompiler::make(runtime_, std::move(options), *server_seen_);
    if (!made) throw std::runtime_error(made.error().detail);
    compiler_ = std::move(*made);
    server_seen_->began();
    compiler_->start();
  }

  void runVM(std::size_t index, bool fresh) {
    FakeVMOptions options;
    options.dialect = headDialect();
    options.compilations = fresh ? 1 : options_.compilations;
    options.compilation_threads = fresh ? 1 : options_.client_threads;
    if (!fresh) options_.change_vm(options, index);
    options.connect = [this] { return connect(); };
    VMRecorder& seen = recorder_.addVM(fresh ? "fresh vm" : fmt::format("vm {}", index), options);
    seen.record().fresh = fresh && !options_.fresh_may_fail;
    seen.record().server = 0;
    options.decorate = [&](std::unique_ptr<ByteStream> stream) {
      if (options_.fault) stream = options_.fault(std::move(stream), Direction::client);
      return seen.tap(std::move(stream));
    };
    const auto frontend = !fresh && options_.make_frontend
                              ? options_.make_frontend(options.dialect)
                              : std::make_unique<DefaultFrontend>(options.dialect);
    FakeVM vm(runtime_, options, *frontend, seen);
    seen.setClientUid(vm.clientUid());
    seen.began();
    seen.ended(vm.run());
  }

  std::unique_ptr<ByteStream> connect() {
    if (options_.carrier != Carrier::pipe) {
      return connectTo(runtime_, {"127.0.0.1", compiler_->port()}, {}, client_tls_);
    }
    // A name of its own for each: it is by their names that ends are known to belong together.
    auto [near, far] = runtime_.makePipe(fmt::format("pipe {}", pipes_.fetch_add(1)));
    compiler_->onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
    return std::make_unique<ConnectionByteStream>(std::move(near));
  }

  Runtime& runtime_;
  RunRecorder& recorder_;
  const WorldOptions& options_;
  std::shared_ptr<TlsContext> server_tls_;
  std::shared_ptr<TlsContext> client_tls_;
  ServerRecorder* server_seen_ = nullptr;
  std::unique_ptr<FakeCompiler> compiler_;
  std::atomic<int> pipes_{0};
};

/// With the record's network set, as time means something there.
RunRecord recordSimulation(std::uint64_t seed, const WorldOptions& options = {});
RunRecord recordOperatingSystem(const WorldOptions& options = {});

/// All findings as text; empty: none.
inline std::string judged(const RunRecord& record) {
  std::string text;
  for (const Finding& finding : judge(record)) text += toText(finding, record);
  return text;
}

/// The names of the checkers that found something, each once, in order.
inline std::vector<std::string> finders(const RunRecord& record) {
  std::vector<std::string> names;
  for (const Finding& finding : judge(record)) {
    if (names.empty() || names.back() != finding.checker) names.push_back(finding.checker);
  }
  return names;
}

}  // namespace jitrig::test
