#pragma once

// Both personas in one Runtime, for the tests of this room.

#include <algorithm>
#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "capture/conversation.h"
#include "capture/recorded_compilation.h"
#include "fakecompiler/fake_compiler.h"
#include "fakecompiler/script_from_recording.h"
#include "fakevm/fake_vm.h"
#include "fakevm/recorded_frontend.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/certificates/localhost_tls_test_support.h"

namespace jitrig::test {

/// Long enough to be sure that a test hangs; reached only by a test that fails.
inline constexpr Duration kPatience = std::chrono::seconds(60);

/// defaultDialect(), read once.
inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

inline Conversation readCapture(const std::string& name) {
  const auto file = readCaptureFile(JITRIG_SOURCE_DIR "/testdata/captures/" + name + ".pcap");
  if (!file) throw std::runtime_error(file.error());
  return conversationFromCapture(*file, *headDialect()->table);
}

inline Script scriptOf(const Conversation& conversation) {
  auto script = scriptFromRecording(conversation, *headDialect());
  if (!script) throw std::runtime_error(script.error());
  return std::move(*script);
}

class ServerReports final : public FakeCompilerObserver {
 public:
  explicit ServerReports(Runtime& runtime)
      : runtime_(runtime),
        mutex_(runtime.makeMutex("reports of the server")),
        ended_(runtime.makeCondition("reports of the server")) {}

  /// In the order of their requests: with several threads the ends come in any order.
  void onCompilation(const ServerCompilationReport& report) override {
    compilations.push_back(report);
    std::ranges::sort(compilations, {}, &ServerCompilationReport::number);
  }
  void onStreamEnd(const StreamEndReport& report) override {
    const Lock lock(*mutex_);
    ends.push_back(report);
    ended_->notifyAll();
  }

  /// The server notices what becomes of a stream by itself, later than the clients on a busy machine.
  void waitForEnds(std::size_t count) {
    Lock lock(*mutex_);
    ended_->wait(lock, runtime_.now() + kPatience, [&] { return ends.size() >= count; });
  }

  /// Those so far, while the server goes on.
  std::vector<StreamEndReport> takeEnds() {
    const Lock lock(*mutex_);
    return std::exchange(ends, {});
  }

  std::vector<ServerCompilationReport> compilations;
  std::vector<StreamEndReport> ends;

 private:
  Runtime& runtime_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> ended_;
};

class ClientReports final : public FakeVMObserver {
 public:
  void onCompilation(const CompilationReport& report) override { compilations.push_back(report); }

  std::vector<CompilationReport> compilations;
};

inline std::vector<CompilationResult> resultsOf(const std::vector<CompilationReport>& reports) {
  std::vector<CompilationResult> results;
  for (const CompilationReport& report : reports) results.push_back(report.result);
  return results;
}

enum class Carrier { tcp, pipe, tls };

/// A FakeCompiler, and FakeVMs that reach it: through a port, plain or with TLS, or through one pipe per
/// connection.
class Personas {
 public:
  Personas(Runtime& runtime, Carrier carrier, std::shared_ptr<const Dialect> dialect = headDialect())
      : server(runtime), runtime_(runtime), carrier_(carrier), dialect_(std::move(dialect)) {
    compiler_options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
    compiler_options.dialect = dialect_;
    compiler_options.script = defaultScript(*dialect_);
    vm_options.dialect = dialect_;
    if (carrier == Carrier::tls) {
      compiler_options.listener.tls = testServerTls(runtime);
      vm_options.tls = testClientTls(runtime);
    }
    vm_options.connect = [this] { return connect(); };
  }

  /// To be changed before startCompiler() and runVM().
  FakeCompilerOptions compiler_options;
  FakeVMOptions vm_options;
  ServerReports server;
  ClientReports client;

  FakeCompiler& startCompiler() {
    auto made = FakeCompiler::make(runtime_, compiler_options, server);
    if (!made) throw std::runtime_error(made.error().detail);
    compiler_ = std::move(*made);
    compiler_->start();
    return *compiler_;
  }

  std::unique_ptr<ByteStream> connect() {
    if (carrier_ != Carrier::pipe) {
      return connectTo(runtime_, {"127.0.0.1", compiler_->port()}, {}, vm_options.tls);
    }
    auto [near, far] = runtime_.makePipe("connection");
    compiler_->onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
    return std::make_unique<ConnectionByteStream>(std::move(near));
  }

  FakeVMSummary runVM(Frontend& frontend) {
    FakeVM vm(runtime_, vm_options, frontend, client);
    return vm.run();
  }
  FakeVMSummary runVM() {
    DefaultFrontend frontend(dialect_);
    return runVM(frontend);
  }

  /// Lets the server read what clients sent last, stops it, and returns what it counted.
  FakeCompilerSummary finish() {
    compiler_->waitForGoodbyes(runtime_.now() + kPatience);
    compiler_->stop();
    return compiler_->summary();
  }

 private:
  Runtime& runtime_;
  Carrier carrier_;
  std::shared_ptr<const Dialect> dialect_;
  std::unique_ptr<FakeCompiler> compiler_;
};

/// Runs its body in every Runtime over every carrier.
class PersonasTest : public ::testing::TestWithParam<std::tuple<RuntimeUnderTest, Carrier>> {
 protected:
  void run(const std::function<void(Runtime&, Carrier)>& body) {
    const auto& [runtime_under_test, carrier] = GetParam();
    runtime_under_test.run([&](Runtime& runtime) { body(runtime, carrier); });
  }
};

inline std::string nameOf(Carrier carrier) {
  switch (carrier) {
    case Carrier::tcp: return "tcp";
    case Carrier::pipe: return "pipe";
    case Carrier::tls: break;
  }
  return "tls";
}

inline constexpr auto nameOfRuntimeAndCarrier = [](const auto& info) {
  return std::get<0>(info.param).name + "_" + nameOf(std::get<1>(info.param));
};

#define JITRIG_IN_EVERY_RUNTIME_AND_CARRIER(suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(, suite,                                                                          \
                           ::testing::Combine(::testing::ValuesIn(allRuntimes()),                            \
                                              ::testing::Values(Carrier::tcp, Carrier::pipe, Carrier::tls)), \
                           nameOfRuntimeAndCarrier)

}  // namespace jitrig::test
