#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scenarios/run/external_files.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/vm_process.h"
#include "scenarios/system/external_program.h"

namespace jitrig {

/// Somebody else's client program in place of a VM of the scenario.
class ExternalVM final : public VMProcess {
 public:
  /// `files` is null where there is no TLS. All references must outlive it.
  ExternalVM(RunContext& context, const ScenarioVM& vm, VMPlace place, const ExternalFiles* files);
  ~ExternalVM() override;

  void start() override;
  void kill() override;
  void checkpoint() override;
  std::optional<VMImage> image() const override { return std::nullopt; }
  void giveUp() override;
  void join() override;
  void pause() override;
  void resume() override;
  bool hasEnded() const override;
  const ScenarioVM& vm() const override { return vm_; }
  const VMPlace& place() const override { return place_; }
  std::size_t recordIndex() const override { return recorder_->index(); }

 private:
  void setEnded();

  RunContext& context_;
  const ScenarioVM& vm_;
  const VMPlace place_;
  VMRecorder* recorder_ = nullptr;
  ExternalProgramOptions options_;
  std::unique_ptr<ExternalProgram> program_;
  std::unique_ptr<Task> waiter_;
  bool killed_ = false;
  bool paused_ = false;
  bool ended_ = false;  ///< guarded by the context's mutex
};

}  // namespace jitrig
