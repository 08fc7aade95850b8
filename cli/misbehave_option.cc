#include "cli/misbehave_option.h"

#include <CLI/CLI.hpp>

#include "cli/exit_status.h"

namespace jitrig {

void addMisbehaveOption(CLI::App& verb, std::vector<std::string>& texts) {
  verb.add_option("--misbehave", texts,
                  "do something wrong, by its name, in the n-th compilation or in each; may be given several "
                  "times. `jitrig scenario misbehaviours` lists them")
      ->type_name("NAME[:N]")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
}

std::vector<MisbehaviourSpec> readMisbehaveOption(const std::vector<std::string>& texts,
                                                  std::span<const MisbehaviourInfo> known) {
  std::vector<MisbehaviourSpec> specs;
  for (const std::string& text : texts) {
    auto spec = parseMisbehaviour(text, known);
    if (!spec) throw CommandError(ExitStatus::wrongUsage, "--misbehave: " + spec.error());
    specs.push_back(std::move(*spec));
  }
  return specs;
}

}  // namespace jitrig
