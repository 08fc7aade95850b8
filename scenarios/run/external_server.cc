#include "scenarios/run/external_server.h"

#include <csignal>
#include <fmt/format.h>
#include <utility>

#include "scenarios/run/external_end.h"

namespace jitrig {
namespace {

using std::chrono::milliseconds;

/// From SIGTERM to SIGKILL.
constexpr milliseconds kGrace{10'000};

milliseconds inMilliseconds(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration);
}

}  // namespace

ExternalServer::ExternalServer(RunContext& context, const ScenarioServer& server, std::size_t life,
                               Endpoint asked, const ExternalFiles* files)
    : context_(context), server_(server), asked_(std::move(asked)) {
  const std::string name = life == 1 ? server.name : fmt::format("{} (life {})", server.name, life);
  FakeCompilerOptions known;
  known.dialect = server.dialect;
  recorder_ = &context.recorder.addServer(name, known);
  recorder_->record().external = true;
  context.cast.servers.push_back(server.name);

  options_.name = fmt::format("program of server '{}'", name);
  options_.command = context.choice.server_command;
  options_.values = {{"host", asked_.host},
                     {"port", fmt::format("{}", asked_.port)},
                     {"name", server.name},
                     {"threads", fmt::format("{}", server.compilation_threads)},
                     {"timeout_ms", fmt::format("{}", server.timeout_ms)}};
  if (files != nullptr) files->addTo(options_.values);
}

ExternalServer::~ExternalServer() = default;

void ExternalServer::start() {
  auto started = ExternalProgram::start(options_);
  if (!started) return context_.abandon(started.error());
  program_ = std::move(*started);
  recorder_->began();
  const auto listening = program_->waitListening(asked_, inMilliseconds(context_.choice.real_patience));
  lives_ = listening.has_value();
  if (lives_) return context_.setServerAt(server_.port, *listening);
  if (const auto end = program_->waitEnd(milliseconds(0)); end && *end == kNotImplemented)
    return judgeEnd(context_, options_.name, *program_, *end, EndedWhen::byItself);
  context_.abandon(listening.error());
}

void ExternalServer::stop(bool) {
  if (!std::exchange(lives_, false)) return;
  resume();
  if (const auto end = program_->waitEnd(milliseconds(0))) {
    context_.find(fmt::format("{} ended before it was told to, with {}; it wrote:\n{}", options_.name,
                              toString(*end), program_->output()));
    return;
  }
  recorder_->stopped();
  judgeEnd(context_, options_.name, *program_, program_->terminate(kGrace), EndedWhen::afterSIGTERM);
}

void ExternalServer::kill() {
  if (!std::exchange(lives_, false)) return;
  recorder_->killed();
  program_->signal(SIGKILL);
}

void ExternalServer::join() {
  if (program_) program_->terminate(milliseconds(0));
}

void ExternalServer::pause() {
  if (!lives_ || std::exchange(paused_, true)) return;
  recorder_->paused();
  program_->signal(SIGSTOP);
}

void ExternalServer::resume() {
  if (!std::exchange(paused_, false)) return;
  recorder_->resumed();
  program_->signal(SIGCONT);
}

void ExternalServer::refuseConnections(bool refuse) {
  context_.setRefusing(server_.port, refuse);
}

}  // namespace jitrig
