#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "fakecompiler/fake_compiler.h"
#include "scenarios/run/persona_gate.h"
#include "scenarios/run/run_context.h"

namespace jitrig {

/// One life of a compile server: a task on its host, in which everything that it has lives and ends. Killed
/// and started again it is another one.
class ServerProcess {
 public:
  /// `life` counts from 1. `listen_at`: where, as the Runtime has it. All references must outlive it.
  ServerProcess(RunContext& context, const ScenarioServer& server, std::size_t life, std::string host,
                Endpoint listen_at);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  /// Returns when it listens, or cannot, which is a finding.
  void start();

  /// Told to end, in order; join() waits for it. With `at_rest` it is first given the time to notice that all
  /// its clients have gone.
  void stop(bool at_rest);
  /// It ends without a word.
  void kill();
  void join();

  void pause();
  void resume();
  void refuseConnections(bool refuse);

  /// It listens, and nobody told it to end.
  bool lives() const;
  const ScenarioServer& server() const { return server_; }
  const std::string& host() const { return host_; }
  const Endpoint& endpoint() const { return endpoint_; }
  const ServerRecorder& recorder() const { return *recorder_; }

 private:
  enum class State : std::uint8_t { beginning, listening, ended };
  enum class Order : std::uint8_t { none, stop, stopAtRest, kill };

  FakeCompilerOptions options() const;
  void live(Runtime& runtime);
  Order waitForOrder();
  void setState(State state);
  void give(Order order);
  void comeToRest(Runtime& runtime, FakeCompiler& compiler);

  RunContext& context_;
  const ScenarioServer& server_;
  const std::string host_;
  Endpoint endpoint_;
  ServerRecorder* recorder_ = nullptr;
  PersonaGate gate_;
  std::unique_ptr<Task> task_;
  bool paused_ = false;
  State state_ = State::beginning;  ///< guarded by the context's mutex, as is the next
  Order order_ = Order::none;
};

}  // namespace jitrig
