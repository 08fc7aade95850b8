#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "fakecompiler/fake_compiler.h"
#include "scenarios/run/persona_gate.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/server_process.h"

namespace jitrig {

/// A FakeCompiler as one life of a server: a task on its host, in which everything that it has lives and
/// ends.
class OwnServer final : public ServerProcess {
 public:
  /// `life` counts from 1. `listen_at`: where, as the Runtime has it. All references must outlive it.
  OwnServer(RunContext& context, const ScenarioServer& server, std::size_t life, std::string host,
            Endpoint listen_at);
  ~OwnServer() override;

  void start() override;
  void stop(bool at_rest) override;
  void kill() override;
  void join() override;
  void pause() override;
  void resume() override;
  void refuseConnections(bool refuse) override;
  void cutOff(bool cut_off) override;
  bool lives() const override;
  const ScenarioServer& server() const override { return server_; }
  std::size_t recordIndex() const override { return recorder_->index(); }

 private:
  enum class State : std::uint8_t { beginning, listening, ended };
  enum class Order : std::uint8_t { none, stop, stopAtRest, kill };

  FakeCompilerOptions options() const;
  void live(Runtime& runtime);
  Order waitForOrder();
  void setState(State state);
  void give(Order order);
  void comeToRest(Runtime& runtime, FakeCompiler& compiler);
  void sendLastConnection(Runtime& runtime, Instant deadline);
  bool isLastConnection(const ByteStream& stream) const;

  RunContext& context_;
  const ScenarioServer& server_;
  const std::string host_;
  const Endpoint endpoint_;
  ServerRecorder* recorder_ = nullptr;
  FakeCompilerOptions options_;  ///< until it lives
  PersonaGate gate_;
  std::unique_ptr<Task> task_;
  bool paused_ = false;
  State state_ = State::beginning;  ///< guarded by the context's mutex, as is the next
  Order order_ = Order::none;
  std::string last_connection_;
};

}  // namespace jitrig
