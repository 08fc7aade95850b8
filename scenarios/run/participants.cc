#include "scenarios/run/participants.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "capture/recorded_compilation.h"
#include "fakevm/default_frontend.h"
#include "fakevm/recorded_frontend.h"
#include "scenarios/run/external_server.h"
#include "scenarios/run/external_vm.h"
#include "scenarios/run/own_server.h"
#include "scenarios/run/own_vm.h"

namespace jitrig {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";

std::shared_ptr<Frontend> frontendOf(const ScenarioVM& vm) {
  if (!vm.replies) return std::make_shared<DefaultFrontend>(vm.dialect);
  const auto file = readCaptureFile(*vm.replies);
  if (!file) throw std::invalid_argument(fmt::format("vm '{}': {}", vm.name, file.error()));
  auto compilations = recordedCompilations(conversationFromCapture(*file, *vm.dialect), *vm.dialect);
  if (compilations.empty())
    throw std::invalid_argument(fmt::format("vm '{}': {}: holds no compilation", vm.name, *vm.replies));
  return std::make_shared<RecordedFrontend>(vm.dialect, std::move(compilations), RecordedFrontendOptions{});
}

}  // namespace

Frontends frontendsOf(const Scenario& scenario) {
  Frontends frontends;
  for (const ScenarioVM& vm : scenario.vms) frontends.push_back(frontendOf(vm));
  return frontends;
}

Participants::Participants(RunContext& context, const Frontends& frontends)
    : context_(context), frontends_(frontends) {
  const RunChoice& choice = context.choice;
  if (context.secured() && !(choice.server_command.empty() && choice.client_command.empty()))
    files_ = std::make_unique<ExternalFiles>();
  for (const ScenarioServer& server : context.scenario.servers) {
    if (!context.simulated() && !ports_.contains(server.port)) {
      auto port = PortReservation::make();
      if (!port) throw std::runtime_error(port.error());
      ports_.emplace(server.port, std::move(*port));
    }
    context.setServerAt(server.port, endpointOf(server));
  }
}

std::string Participants::hostOf(const ScenarioServer& server) const {
  const auto& servers = context_.scenario.servers;
  return std::ranges::find(servers, server.port, &ScenarioServer::port)->name;
}

Endpoint Participants::endpointOf(const ScenarioServer& server) const {
  if (context_.simulated()) return {.host = hostOf(server), .port = server.port};
  return {.host = std::string(kLoopback), .port = ports_.at(server.port).port()};
}

const ScenarioServer& Participants::serverNamed(const std::string& name) const {
  return *std::ranges::find(context_.scenario.servers, name, &ScenarioServer::name);
}

ServerProcess& Participants::startServer(std::size_t index) {
  const ScenarioServer& server = context_.scenario.servers[index];
  const std::size_t life = ++lives_[index];
  if (context_.choice.server_command.empty()) {
    servers_.push_back(
        std::make_unique<OwnServer>(context_, server, life, hostOf(server), endpointOf(server)));
  } else {
    servers_.push_back(
        std::make_unique<ExternalServer>(context_, server, life, endpointOf(server), files_.get()));
  }
  latest_[index] = servers_.back().get();
  servers_.back()->start();
  return *servers_.back();
}

VMProcess& Participants::start(std::unique_ptr<VMProcess> vm) {
  vms_.push_back(std::move(vm));
  vms_.back()->start();
  return *vms_.back();
}

std::unique_ptr<VMProcess> Participants::makeVM(std::size_t index, VMPlace place) {
  const ScenarioVM& vm = context_.scenario.vms[index];
  if (context_.choice.client_command.empty())
    return std::make_unique<OwnVM>(context_, vm, std::move(place), *frontends_[index]);
  return std::make_unique<ExternalVM>(context_, vm, std::move(place), files_.get());
}

VMProcess& Participants::startVM(std::size_t index, std::uint64_t copy) {
  const ScenarioVM& vm = context_.scenario.vms[index];
  const std::string name = vm.count == 1 ? vm.name : fmt::format("{} {}", vm.name, copy + 1);
  return start(makeVM(index, {.name = name, .host = name, .server_port = serverNamed(vm.server).port}));
}

VMProcess& Participants::startAgain(const VMProcess& killed) {
  VMPlace place = killed.place();
  place.name = fmt::format("{} (life {})", place.host, 2 + vm_lives_[place.host]++);
  const auto index = static_cast<std::size_t>(&killed.vm() - context_.scenario.vms.data());
  return start(makeVM(index, std::move(place)));
}

void Participants::restore(const VMProcess& checkpointed) {
  const auto image = checkpointed.image();
  if (!image) return;
  const ScenarioCheckpoint& checkpoint = *checkpointed.vm().checkpoint;
  const auto index = static_cast<std::size_t>(&checkpointed.vm() - context_.scenario.vms.data());
  for (std::uint64_t copy = 1; copy <= checkpoint.copies; ++copy) {
    VMPlace place = checkpointed.place();
    place.name = fmt::format("{} (restored{})", place.host, copy == 1 ? "" : fmt::format(", {}", copy));
    place.host = fmt::format("{}-restored-{}", checkpointed.place().host, copy);
    place.image = image;
    place.restored_from = checkpointed.recordIndex();
    if (checkpoint.server) place.server_port = serverNamed(*checkpoint.server).port;
    start(makeVM(index, std::move(place)));
  }
}

VMProcess& Participants::startFreshClient(const ServerProcess& server) {
  ScenarioVM& vm = fresh_vms_.emplace_back();
  vm.name = fmt::format("fresh client of {}", server.server().name);
  vm.dialect = server.server().dialect;
  vm.compilations = 1;
  vm.plain = server.server().plain;
  fresh_frontends_.push_back(std::make_shared<DefaultFrontend>(vm.dialect));
  VMPlace place{.name = vm.name,
                .host = vm.name,
                .server_port = server.server().port,
                .fresh_for = server.recordIndex()};
  return start(std::make_unique<OwnVM>(context_, vm, std::move(place), *fresh_frontends_.back()));
}

ServerProcess* Participants::serverOf(std::size_t index) {
  const auto found = latest_.find(index);
  return found == latest_.end() ? nullptr : found->second;
}

bool Participants::allVMsEnded() const {
  return std::ranges::all_of(vms_, [](const auto& vm) { return vm->hasEnded(); });
}

}  // namespace jitrig
