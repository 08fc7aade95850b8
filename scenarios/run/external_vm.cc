#include "scenarios/run/external_vm.h"

#include <csignal>
#include <fmt/format.h>
#include <utility>

#include "scenarios/run/external_end.h"

namespace jitrig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForEver = std::chrono::hours(100);

}  // namespace

ExternalVM::ExternalVM(RunContext& context, const ScenarioVM& vm, VMPlace place, const ExternalFiles* files)
    : context_(context), vm_(vm), place_(std::move(place)) {
  FakeVMOptions known;
  known.dialect = vm.dialect;
  known.compilations = vm.compilations;
  recorder_ = &context.recorder.addVM(place_.name, known);
  recorder_->record().external = true;
  context.cast.vms.push_back(vm.name);

  options_.name = fmt::format("program of vm '{}'", place_.name);
  options_.command = context.choice.client_command;
  options_.values = {{"name", place_.name},
                     {"compilations", fmt::format("{}", vm.compilations)},
                     {"threads", fmt::format("{}", vm.compilation_threads)},
                     {"timeout_ms", fmt::format("{}", vm.timeout_ms)}};
  if (files != nullptr) files->addTo(options_.values);
}

ExternalVM::~ExternalVM() {
  if (program_) program_->signal(SIGKILL);
}

void ExternalVM::start() {
  const Endpoint server = context_.serverAt(place_.server_port);
  options_.values["host"] = server.host;
  options_.values["port"] = fmt::format("{}", server.port);
  auto started = ExternalProgram::start(options_);
  if (!started) {
    context_.find(started.error());
    return setEnded();
  }
  program_ = std::move(*started);
  recorder_->began();
  waiter_ = context_.runtime.spawn(options_.name, [this] {
    context_.runtime.offload([this] { program_->waitEnd(kForEver); });
    setEnded();
  });
}

void ExternalVM::setEnded() {
  const Lock lock(*context_.mutex);
  if (!std::exchange(ended_, true)) ++context_.ended_vms;
  context_.changed->notifyAll();
}

void ExternalVM::kill() {
  if (!program_ || hasEnded()) return;
  killed_ = true;
  recorder_->killed();
  program_->signal(SIGKILL);
}

void ExternalVM::checkpoint() {
  context_.skip("a checkpoint: programs are not asked to make one");
}

void ExternalVM::giveUp() {
  kill();
}

/// The first call also puts down what is to be thought of its end.
void ExternalVM::join() {
  if (!waiter_) return;
  std::exchange(waiter_, nullptr)->join();
  if (killed_) return;
  recorder_->ended();
  const ProgramEnd end = *program_->waitEnd(milliseconds(0));
  judgeEnd(context_, options_.name, *program_, end, EndedWhen::byItself);
}

void ExternalVM::pause() {
  if (!program_ || hasEnded() || std::exchange(paused_, true)) return;
  recorder_->paused();
  program_->signal(SIGSTOP);
}

void ExternalVM::resume() {
  if (!std::exchange(paused_, false)) return;
  recorder_->resumed();
  program_->signal(SIGCONT);
}

bool ExternalVM::hasEnded() const {
  const Lock lock(*context_.mutex);
  return ended_;
}

}  // namespace jitrig
