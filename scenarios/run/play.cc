#include "scenarios/run/play.h"

#include <fmt/format.h>

#include "scenarios/run/director.h"

namespace jitrig {
namespace {

void giveUpVMs(RunContext& context, Participants& participants) {
  for (const auto& vm : participants.vms()) {
    if (vm->hasEnded()) continue;
    context.find(
        fmt::format("{} did not end: nothing went on any more, without faults, either", vm->place().name));
    vm->giveUp();
  }
}

void sendFreshClients(Participants& participants) {
  for (const auto& server : participants.servers()) {
    if (server->lives()) participants.startFreshClient(*server);
  }
}

void stopServers(Participants& participants) {
  for (const auto& server : participants.servers()) server->stop(true);
  for (const auto& server : participants.servers()) server->join();
}

}  // namespace

void playScenario(RunContext& context, const Frontends& frontends) {
  context.begin();
  Participants participants(context, frontends);
  Director director(context, participants);
  bool ended = director.run();
  context.vms_ended = context.runtime.now();
  director.heal();
  if (ended && context.scenario.fresh_client && !context.isOver()) {
    sendFreshClients(participants);
    ended = director.run();
  }
  if (!ended) giveUpVMs(context, participants);
  for (const auto& vm : participants.vms()) vm->join();
  stopServers(participants);
}

}  // namespace jitrig
