#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "fakevm/fake_vm.h"
#include "scenarios/run/persona_gate.h"
#include "scenarios/run/run_context.h"

namespace jitrig {

/// Where a VM goes, and what the run knows of it beyond the scenario.
struct VMPlace {
  std::string name;  ///< "vm", "vm 2"
  std::string host;
  Endpoint server;
  bool fresh = false;  ///< came at the end, with all faults off
};

/// Tells the run that something goes on.
class ProgressObserver final : public FakeVMObserver {
 public:
  explicit ProgressObserver(RunContext& context) : context_(context) {}
  void onCompilation(const CompilationReport&) override { ++context_.progress; }

 private:
  RunContext& context_;
};

/// One life of a client JVM: a task on its host, in which everything that it has lives and ends.
class VMProcess {
 public:
  /// `frontend` answers its queries. All references must outlive it.
  VMProcess(RunContext& context, const ScenarioVM& vm, VMPlace place, Frontend& frontend);
  VMProcess(const VMProcess&) = delete;
  VMProcess& operator=(const VMProcess&) = delete;
  ~VMProcess();

  void start();
  /// It ends without a word, and without a goodbye.
  void kill();
  /// It is given up: breaks what is in progress and ends.
  void giveUp();
  void join();

  void pause();
  void resume();

  bool hasEnded() const;
  const ScenarioVM& vm() const { return vm_; }
  const VMPlace& place() const { return place_; }
  Frontend& frontend() const { return frontend_; }
  const VMRecorder& recorder() const { return *recorder_; }

 private:
  FakeVMOptions options() const;
  void live(Runtime& runtime);
  std::unique_ptr<ByteStream> connect(Runtime& runtime) const;
  void throwIfRefused() const;
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
  bool ended_ = false;
};

}  // namespace jitrig
