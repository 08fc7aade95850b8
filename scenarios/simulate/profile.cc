#include "scenarios/simulate/profile.h"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace jitrig {
namespace {

constexpr std::array kProfiles{
    Profile{.name = "everything",
            .sentence = "every kind of fault and misbehaviour; one world of ten speaks TLS",
            .stream_faults = true,
            .persona_faults = true,
            .misbehaviours = true,
            .damaging_faults = true,
            .tls_percent = 10},
    Profile{.name = "calm",
            .sentence = "nothing goes wrong: every compilation ends as its server wants",
            .mixed_releases = false},
    Profile{.name = "network",
            .sentence = "connections break, stall, are slow, cut and lumped; no byte is changed",
            .stream_faults = true},
    Profile{.name = "damage",
            .sentence = "what connections carry is changed, lost, doubled and invented, too",
            .stream_faults = true,
            .damaging_faults = true},
    Profile{.name = "crash",
            .sentence = "servers and clients are paused, killed and started anew",
            .persona_faults = true},
    Profile{.name = "hostile", .sentence = "the personas misbehave", .misbehaviours = true},
    Profile{.name = "tls",
            .sentence = "all worlds speak TLS; every kind of fault and misbehaviour",
            .stream_faults = true,
            .persona_faults = true,
            .misbehaviours = true,
            .damaging_faults = true,
            .tls_percent = 100},
};

}  // namespace

std::span<const Profile> profiles() {
  return kProfiles;
}

std::expected<Profile, std::string> findProfile(std::string_view name) {
  std::string known;
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) return profile;
    fmt::format_to(std::back_inserter(known), "\n  {:<11} {}", profile.name, profile.sentence);
  }
  return std::unexpected(fmt::format("unknown profile '{}'; expected one of:{}", name, known));
}

}  // namespace jitrig
