// jitrig scenario: what takes part, goes wrong and must hold, as files. The verbs below it have files of
// their own.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/scenario_verb.h"
#include "cli/verbs.h"

namespace jitrig {
namespace {

constexpr const char* kDescription =
    "Run scenarios: files that say who takes part, what goes wrong, what must hold";
constexpr const char* kFooter =
    R"(A scenario is a file below scenarios/cases, or one of your own; scenarios/README.md shows how to write one.
It is named by its path, or by its name in `jitrig scenario list`, of which the last part is enough.
Exit status: 0 fine, 1 a run found something, 2 wrong usage, 3 a file is unreadable.

Examples:
  jitrig scenario list 'fault/*'
  jitrig scenario run fault/reset_mid_query
  jitrig scenario run my_scenario.yaml --runtime simulation --seed 7)";

constexpr const char* kListFooter =
    R"(Columns: name, runtimes it is made for, what it is about. A pattern with * or ? must fit the whole name, any
other be part of it.

JSON keys: name, description, runtimes, seeds, covers (known bugs), path.

Exit status: 0 fine, 2 wrong usage, also if a pattern fits nothing, 3 a file is unreadable.

Example:
  jitrig scenario list tls)";

constexpr const char* kRunFooter =
    R"(One line per scenario and runtime: passed, failed or skipped. Behind a failed one stands what the checkers say,
what those concerned sent and got last, and the command that repeats this run alone.
simulation and simulated_tls repeat from a seed, text for text; loopback and tls are real sockets of this machine,
grpc and grpc_tls calls of gRPC over them.

--server-command and --client-command put a program in place of each server, or each VM, on real sockets: run by
/bin/sh -c with {host} and {port} replaced, which are in JITRIG_HOST and JITRIG_PORT as well. A server listens
there, or prints `listening on HOST:PORT` as its first line. SIGTERM ends it. Exit status 89 says that it does not
implement this: the run is skipped.

With --log the lines of both sides stand before it, in the order in which they came about: what fakevm and
fakecompiler would print. docs/failures.md says what they mean.

JSON keys, one object per run: scenario, runtime, seed, outcome, logical_digest, schedule_digest, messages, counts,
end_ms (of virtual time), findings (checker, text), details (what somebody reported), repeat.

Exit status: 0 fine, 1 a run found something, 2 wrong usage, 3 a file is unreadable.

Examples:
  jitrig scenario run reset_mid_query --seeds 100
  jitrig scenario run life/server_goes_down --runtime simulation --seed 1 --log
  jitrig scenario run scenarios/cases/good --runtime loopback --junit good.xml
  jitrig scenario run good/plain --server-command './my_server --port {port}')";

constexpr const char* kExplainFooter =
    R"(Exit status: 0 fine, 2 wrong usage, 3 a file is unreadable.

Example:
  jitrig scenario explain reset_mid_query)";

constexpr const char* kFaultsFooter =
    R"(What `action` may be in a scenario file, with the parameters of its `with`: in brackets their values, and what
they are if not given. Then what `place` may be.

JSON keys: name, sentence, layer, breaks_connection, alters_bytes, only_delays, parameters (name, sentence, kind,
min, max, default, choices).

Exit status: 0 fine, 2 wrong usage.

Example:
  jitrig scenario faults tls)";

constexpr const char* kMisbehavioursFooter =
    R"(What may stand in the list `misbehaviours` of a VM and of a server, what becomes of the compilation that it
befalls (harmless; ends; waits: for a timeout; depends), and what the persona does.

JSON keys: name, persona, sentence, effect, spreads (to the next compilation of the connection).

Exit status: 0 fine, 2 wrong usage.

Example:
  jitrig scenario misbehaviours 'reply_*')";

using Act = ExitStatus (*)(const ScenarioOptions&);

CLI::App* addVerb(CLI::App& scenario, VerbAction& action, const char* name, const char* description,
                  const char* footer, const std::shared_ptr<ScenarioOptions>& options, Act act) {
  CLI::App* verb = scenario.add_subcommand(name, description);
  verb->footer(footer);
  verb->callback([options, act, &action] { action = [options, act] { return act(*options); }; });
  return verb;
}

void addPatterns(CLI::App& verb, ScenarioOptions& options) {
  verb.add_option("pattern", options.wanted, "only names that fit")->type_name("PATTERN");
  verb.add_flag("--json", options.json, "one JSON object per line");
}

void addWanted(CLI::App& verb, ScenarioOptions& options) {
  verb.add_option("scenario", options.wanted, "a file, a folder of files, or a name")
      ->type_name("FILE|FOLDER|NAME")
      ->required();
}

void addRunOptions(CLI::App& run, ScenarioOptions& options) {
  addWanted(run, options);
  run.add_option("--protocol", options.protocol,
                 "what servers and VMs speak that do not say it: jitserver, or jitaas, the older generation")
      ->type_name("jitserver|jitaas");
  run.add_option(
         "--backend", options.backend,
         "grpc, which is of the generation before JITServer: what is made for loopback or tls runs over it. "
         "What a scenario needs and gRPC has not makes it skipped, with the reason")
      ->type_name("sockets|grpc")
      ->check(CLI::IsMember({"sockets", "grpc"}));
  run.add_flag("--checkers-only", options.checkers_only,
               "judge by the checkers alone: with another --protocol, sizes and numbers differ from what a "
               "file expects");
  run.add_option("--runtime", options.runtime, "what carries the bytes; without it, all that it is made for")
      ->type_name("simulation|simulated_tls|loopback|tls|grpc|grpc_tls");
  CLI::Option* seed = run.add_option("--seed", options.seed, "run this seed only")->type_name("N");
  run.add_option("--seeds", options.seeds, "run the seeds 1 to N; without it, as many as the file says")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->excludes(seed);
  run.add_option("--server-command", options.server_command, "a program in place of each server")
      ->type_name("CMD");
  run.add_option("--client-command", options.client_command, "a program in place of each VM")
      ->type_name("CMD");
  CLI::Option* capture =
      run.add_option("--capture", options.capture, "write what went over the wire to a pcap file; of one run")
          ->type_name("FILE");
  CLI::Option* write = run.add_option("--write-budget", options.write_budget,
                                      "write what the messages cost, by type, for --budget; of one run");
  write->type_name("FILE")->excludes(capture);
  run.add_option("--budget", options.budget,
                 "5 % more messages or bytes than there is a failure, and so are other data points of the "
                 "same version; of one run")
      ->type_name("FILE")
      ->excludes(capture)
      ->excludes(write);
  run.add_option("--junit", options.junit, "write what came of it as JUnit's XML, too")->type_name("FILE");
  CLI::Option* json = run.add_flag("--json", options.json, "one JSON object per run");
  run.add_flag("--log", options.log, "also what each persona would print, as a program")->excludes(json);
}

}  // namespace

void addScenario(CLI::App& jitrig, VerbAction& action) {
  CLI::App* scenario = jitrig.add_subcommand("scenario", kDescription);
  const auto options = std::make_shared<ScenarioOptions>();
  scenario->footer(kFooter);
  scenario->require_subcommand(1);
  addRunOptions(
      *addVerb(*scenario, action, "run", "Run scenarios and judge them", kRunFooter, options, runScenarios),
      *options);
  addPatterns(*addVerb(*scenario, action, "list", "The scenarios that come with jitrig", kListFooter, options,
                       listScenarios),
              *options);
  addWanted(
      *addVerb(*scenario, action, "explain", "Who takes part, what goes wrong, what must hold, in words",
               kExplainFooter, options, explainScenarios),
      *options);
  addPatterns(*addVerb(*scenario, action, "faults", "What can go wrong between the two sides", kFaultsFooter,
                       options, listFaults),
              *options);
  addPatterns(*addVerb(*scenario, action, "misbehaviours", "What each side can do wrong",
                       kMisbehavioursFooter, options, listMisbehaviours),
              *options);
  addScenarioSweep(*scenario, action);
}

}  // namespace jitrig
