#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "fakevm/fake_vm.h"
#include "scenarios/run/persona_gate.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/vm_process.h"

namespace jitrig {

/// Tells the run that something goes on.
class ProgressObserver final : public FakeVMObserver {
 public:
  explicit ProgressObserver(RunContext& context) : context_(context) {}
  void onCompilation(const CompilationReport&) override { ++context_.progress; }
  void onServer(const ServerEvent&) override { ++context_.progress; }

 private:
  RunContext& context_;
};

/// A FakeVM as one life of a VM: a task on its host, in which everything that it has lives and ends.
class OwnVM final : public VMProcess {
 public:
  /// `frontend` answers its queries. All references must outlive it.
  OwnVM(RunContext& context, const ScenarioVM& vm, VMPlace place, Frontend& frontend);
  ~OwnVM() override;

  void start() override;
  void kill() override;
  void checkpoint() override;
  std::optional<VMImage> image() const override;
  void giveUp() override;
  void join() override;
  void pause() override;
  void resume() override;
  bool hasEnded() const override;
  const ScenarioVM& vm() const override { return vm_; }
  const VMPlace& place() const override { return place_; }
  std::size_t recordIndex() const override { return recorder_->index(); }

 private:
  class NotRunning;

  FakeVMOptions options() const;
  void live(Runtime& runtime);
  std::unique_ptr<ByteStream> connectToBackend();
  std::unique_ptr<ByteStream> decorate(std::unique_ptr<ByteStream> stream);
  void stopRunning();
  void setEnded();

  RunContext& context_;
  const ScenarioVM& vm_;
  const VMPlace place_;
  Frontend& frontend_;
  ProgressObserver progress_;
  VMRecorder* recorder_ = nullptr;
  PersonaGate gate_;
  std::unique_ptr<Task> task_;
  bool paused_ = false;
  FakeVM* running_ = nullptr;  ///< guarded by the context's mutex, as is all below
  bool told_to_end_ = false;
  bool told_to_checkpoint_ = false;
  std::optional<VMImage> image_;
  bool ended_ = false;
};

}  // namespace jitrig
