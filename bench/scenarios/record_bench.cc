// What recording costs a message, and judging a run: of what a random run costs, this is the part that is
// not the run itself.

#include <chrono>
#include <cstring>
#include <fmt/core.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/scenarios/measured.h"
#include "fakecompiler/fake_compiler.h"
#include "fakevm/default_frontend.h"
#include "fakevm/fake_vm.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_recorder.h"

namespace jitrig::bench {
namespace {

/// Takes and gives all bytes at once: what is left is the taps' own cost.
class Endless final : public ByteStream, public Waitable {
 public:
  explicit Endless(bool client) : client_(client) {}

  const std::string& name() const override { return name_; }
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant) override { return buffer.size(); }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant) override {
    return bytes.size();
  }
  NetResult<void> closeWrite() override { return {}; }
  void reset() override {}
  void cancel() override {}
  std::size_t buffered() const override { return 0; }
  Waitable& waitable() override { return *this; }
  std::string localName() const override { return client_ ? "a" : "b"; }
  std::string peerName() const override { return client_ ? "b" : "a"; }

 private:
  bool client_;
  std::string name_ = "endless";
};

/// Of one message, written at one end and read at the other, in a simulated world: both taps together.
double tapNanoseconds(std::size_t size_bytes) {
  constexpr int kMessages = 1'000;
  constexpr int kRounds = 300;
  std::vector<std::byte> message(size_bytes);
  const auto size = static_cast<std::uint32_t>(size_bytes);
  std::memcpy(message.data(), &size, sizeof size);
  double seconds = 0;
  for (int round = 0; round < kRounds; ++round) {
    SimulatedRuntime runtime;
    runtime.runOrThrow([&] {
      RunRecorder recorder(runtime);
      FakeVMOptions vm;
      vm.dialect = defaultDialect();
      FakeCompilerOptions compiler;
      compiler.dialect = defaultDialect();
      VMRecorder& client = recorder.addVM("vm", vm);
      ServerRecorder& server = recorder.addServer("server", compiler);
      auto near = client.tap(std::make_unique<Endless>(true));
      auto far = server.tap(std::make_unique<Endless>(false));
      std::vector<std::byte> buffer = message;
      const double begin = cpuSeconds();
      for (int i = 0; i < kMessages; ++i) {
        static_cast<void>(near->writeSome(message, kNever));
        static_cast<void>(far->readSome(buffer, kNever));
      }
      seconds += cpuSeconds() - begin;
    });
  }
  return seconds / (double{kMessages} * kRounds) * 1e9;
}

/// A quiet world of about as many messages as a random one has.
RunRecord quietRun(bool recorded) {
  SimulatedRuntime runtime;
  RunRecorder recorder(runtime);
  runtime.runOrThrow([&] {
    FakeCompilerOptions server_options;
    server_options.listener = {.endpoint = {"127.0.0.1", 38400}, .health_port = std::nullopt};
    server_options.dialect = defaultDialect();
    server_options.script = defaultScript(*server_options.dialect);
    ServerRecorder& server = recorder.addServer("server", server_options);
    if (recorded) {
      server_options.decorate = [&](std::unique_ptr<ByteStream> stream) {
        return server.tap(std::move(stream));
      };
    }
    auto compiler = FakeCompiler::make(runtime, std::move(server_options), server);
    if (!compiler) throw std::runtime_error(compiler.error().detail);
    (*compiler)->start();
    server.began();
    FakeVMOptions vm_options;
    vm_options.dialect = defaultDialect();
    vm_options.compilations = 26;
    vm_options.compilation_threads = 4;
    VMRecorder& vm = recorder.addVM("vm", vm_options);
    vm.record().server = 0;
    if (recorded) {
      vm_options.decorate = [&](std::unique_ptr<ByteStream> stream) { return vm.tap(std::move(stream)); };
    }
    DefaultFrontend frontend(vm_options.dialect);
    FakeVM client(runtime, vm_options, frontend, vm);
    vm.setClientUid(client.clientUid());
    vm.began();
    vm.ended(client.run());
    (*compiler)->waitForGoodbyes(runtime.now() + std::chrono::seconds(10));
    server.atRest(**compiler);
    server.stopped();
    (*compiler)->stop();
    server.summary(**compiler);
  });
  return recorder.finish();
}

void measureRuns(std::vector<Measured>& all) {
  constexpr int kRuns = 500;
  double plain = 0;
  double recorded = 0;
  double judged = 0;
  double digested = 0;
  std::uint64_t messages = 0;
  std::uint64_t findings = 0;
  for (int i = 0; i < kRuns; ++i) {
    const double begin = cpuSeconds();
    static_cast<void>(quietRun(false));
    const double middle = cpuSeconds();
    const RunRecord record = quietRun(true);
    const double ran = cpuSeconds();
    findings += judge(record).size();
    const double looked = cpuSeconds();
    messages += record.messageCount() + record.logicalDigest() % 1;
    digested += cpuSeconds() - looked;
    plain += middle - begin;
    recorded += ran - middle;
    judged += looked - ran;
  }
  const double us = 1e6 / kRuns;
  all.push_back({"record/messages_per_run", static_cast<double>(messages) / kRuns, "", true});
  all.push_back({"record/run_us", plain * us, "", true});
  all.push_back({"record/recorded_run_us", recorded * us, "", true});
  all.push_back({"record/judge_us", judged * us, "", true});
  all.push_back({"record/digest_us", digested * us, "", true});
  all.push_back({"record/findings", static_cast<double>(findings), "0", findings == 0});
}

}  // namespace

std::vector<Measured> measureRecording() {
  std::vector<Measured> all;
  for (const std::size_t size_bytes : {40U, 160U, 1600U}) {
    const double nanoseconds = tapNanoseconds(size_bytes);
    const bool is_small = size_bytes < 1000;
    all.push_back({fmt::format("record/taps_ns_{}_bytes", size_bytes), nanoseconds, is_small ? "<= 300" : "",
                   !is_small || nanoseconds <= 300});
  }
  measureRuns(all);
  return all;
}

}  // namespace jitrig::bench
