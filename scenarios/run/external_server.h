#pragma once

#include <memory>
#include <string>

#include "scenarios/run/external_files.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/server_process.h"
#include "scenarios/system/external_program.h"

namespace jitrig {

/// Somebody else's server program in place of a server of the scenario.
class ExternalServer final : public ServerProcess {
 public:
  /// `asked`: where it is told to listen. `files` is null where there is no TLS. All references must outlive
  /// it.
  ExternalServer(RunContext& context, const ScenarioServer& server, std::size_t life, Endpoint asked,
                 const ExternalFiles* files);
  ~ExternalServer() override;

  void start() override;
  void stop(bool at_rest) override;
  void kill() override;
  void join() override;
  void pause() override;
  void resume() override;
  void refuseConnections(bool refuse) override;
  bool lives() const override { return lives_; }
  const ScenarioServer& server() const override { return server_; }
  std::size_t recordIndex() const override { return recorder_->index(); }

 private:
  RunContext& context_;
  const ScenarioServer& server_;
  const Endpoint asked_;
  ServerRecorder* recorder_ = nullptr;
  ExternalProgramOptions options_;
  std::unique_ptr<ExternalProgram> program_;
  bool lives_ = false;
  bool paused_ = false;
};

}  // namespace jitrig
