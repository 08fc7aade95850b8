// jitrig simulate: random worlds at virtual time, each repeatable by its seed.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "cli/release_options.h"
#include "cli/simulate_verb.h"
#include "cli/verbs.h"
#include "scenarios/file/older_generation.h"
#include "scenarios/simulate/seed.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "Run random worlds at virtual time, with faults, and judge each";
constexpr const char* kFooter =
    R"(Each seed stands for a world (network, servers, clients, releases), its workload, and what goes wrong in it, first
with faults, then healed. Every run is judged by all checkers ('jitrig scenario checkers' lists them). One seed alone
prints what it stands for. The same seed prints the same on the standard output, whatever the machine and the number
of jobs; rates and times go to the standard error. Jobs are processes: one that crashes costs one seed.
Exit status: 0 all passed, 1 a run failed or a listed situation was not reached, 2 wrong usage, 3 unreadable list.

Examples:
  jitrig simulate --seed 42
  jitrig simulate --runs 10000 --jobs 4
  jitrig simulate --seed $(git rev-parse HEAD) --minutes 10 --jobs 4 --profile network
  jitrig simulate --seed 42 --shrink --write small.yaml
  jitrig simulate --seed 42 --trace run.json     (for https://ui.perfetto.dev or chrome://tracing))";

constexpr std::uint64_t kMostJobs = 256;
constexpr double kMostMinutes = 60.0 * 24 * 366;

/// As given.
struct Given {
  std::string seed = "1";
  std::optional<std::uint64_t> runs;
  std::optional<double> minutes;
  std::size_t jobs = 1;
  std::string profile = std::string(profiles().front().name);
  std::string protocol = "jitserver";
  double hang_after_s = 60;
  SimulateOptions options;
};

[[noreturn]] void throwWrongUsage(const std::string& message) {
  throw CommandError(ExitStatus::wrongUsage, message);
}

bool isCampaign(const Given& given) {
  return given.runs || given.minutes;
}

/// What makes sense for one seed only, or for many only, is refused with the other.
void checkTogether(const Given& given) {
  const SimulateOptions& options = given.options;
  const std::pair<const char*, bool> of_one[] = {{"--shrink", options.shrink},
                                                 {"--write", !options.write.empty()},
                                                 {"--trace", !options.trace.empty()},
                                                 {"--trace-text", !options.trace_text.empty()},
                                                 {"--capture", !options.capture.empty()}};
  for (const auto& [name, is_given] : of_one) {
    if (is_given && isCampaign(given)) {
      throwWrongUsage(fmt::format("{} is about one seed: give it without --runs and --minutes", name));
    }
  }
  const std::pair<const char*, bool> of_many[] = {{"--jobs", given.jobs != 1},
                                                  {"--expect-reached", !options.expect_reached.empty()}};
  for (const auto& [name, is_given] : of_many) {
    if (is_given && !isCampaign(given)) {
      throwWrongUsage(fmt::format("{} is about many seeds: give --runs or --minutes, too", name));
    }
  }
}

SimulateOptions optionsOf(Given given) {
  checkTogether(given);
  SimulateOptions options = std::move(given.options);
  const auto seed = parseSeed(given.seed);
  if (!seed) throwWrongUsage("--seed: " + seed.error());
  options.seed = *seed;
  const auto profile = findProfile(given.profile);
  if (!profile) throwWrongUsage("--profile: " + profile.error());
  options.profile = *profile;
  options.profile.older_generation = isOlderGeneration({.protocol = given.protocol});
  if (options.profile.older_generation) {
    const auto dialect = olderGenerationDialect({});
    if (!dialect) throwWrongUsage("--protocol: " + dialect.error());
  }
  options.campaign.first_seed = options.seed;
  options.campaign.runs = given.runs;
  if (given.minutes) {
    options.campaign.time = std::chrono::milliseconds(static_cast<std::int64_t>(*given.minutes * 60'000));
  }
  options.campaign.jobs.count = given.jobs;
  options.campaign.jobs.hang_after =
      std::chrono::milliseconds(static_cast<std::int64_t>(given.hang_after_s * 1'000));
  return options;
}

void addCampaignOptions(CLI::App& verb, Given& given) {
  verb.add_option("--runs", given.runs, "run so many seeds, from --seed on")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  verb.add_option("--minutes", given.minutes, "run seeds for so long; a fraction will do")
      ->type_name("M")
      ->check(CLI::Range(0.0, kMostMinutes));
  verb.add_option("--jobs", given.jobs, "processes that run them")
      ->type_name("J")
      ->check(CLI::Range(std::uint64_t{1}, kMostJobs))
      ->capture_default_str();
  verb.add_option("--max-failures", given.options.campaign.max_failures,
                  "end after so many seeds that failed")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  verb.add_option("--hang-after", given.hang_after_s, "a run that takes longer, in real time, is killed")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  verb.add_option("--trace-folder", given.options.trace_folder,
                  "where the trace of each failed run is written")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  verb.add_option("--expect-reached", given.options.expect_reached,
                  "a file that lists rare situations, one per line: each must be reached")
      ->type_name("FILE");
}

void addSingleOptions(CLI::App& verb, Given& given) {
  verb.add_flag("--shrink", given.options.shrink, "make a failing run smaller, and say how far that got");
  verb.add_option("--write", given.options.write,
                  "write the scenario, with --shrink the small one, for 'jitrig scenario run'")
      ->type_name("FILE.yaml");
  verb.add_option("--trace", given.options.trace, "write the run for Perfetto or chrome://tracing")
      ->type_name("FILE.json");
  verb.add_option("--trace-text", given.options.trace_text,
                  "write the same as lines, and below what was said and reported")
      ->type_name("FILE");
  verb.add_option("--capture", given.options.capture, "write what went over the wire")
      ->type_name("FILE.pcap");
}

std::string profileHelp() {
  std::string help = "what may go wrong:";
  for (const Profile& profile : profiles()) {
    fmt::format_to(std::back_inserter(help), "\n{} ({})", profile.name, profile.sentence);
  }
  return help;
}

ExitStatus simulate(const SimulateOptions& options) {
  if (options.campaign.runs || options.campaign.time) return simulateCampaign(options);
  return options.shrink ? simulateShrink(options) : simulateOne(options);
}

}  // namespace

void addSimulate(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("simulate", kDescription);
  const auto given = std::make_shared<Given>();
  verb->footer(kFooter);
  verb->add_option("--seed", given->seed, "the first seed, or the only one: a decimal number or a git commit")
      ->type_name("N")
      ->capture_default_str();
  verb->add_option("--profile", given->profile, profileHelp())->type_name("NAME")->capture_default_str();
  verb->add_option("--protocol", given->protocol,
                   "what the worlds speak: jitserver, or jitaas, the older generation")
      ->type_name("jitserver|jitaas")
      ->capture_default_str();
  addCampaignOptions(*verb, *given);
  addSingleOptions(*verb, *given);
  verb->add_flag("--check-digests", given->options.check_digests,
                 "run each seed twice in one process, and compare");
  verb->add_flag("--json", given->options.json, "one object per seed");
  verb->callback([given, &action] { action = [given] { return simulate(optionsOf(*given)); }; });
}

}  // namespace jitrig
