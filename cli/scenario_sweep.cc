// jitrig scenario sweep: one thing done at every place. Each sweep is a verb of its own, with its axes as
// options.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

#include "cli/announcement_options.h"
#include "cli/event_printer.h"
#include "cli/scenario_verb.h"
#include "cli/verbs.h"
#include "scenarios/sweeps/sweep.h"

namespace jitrig {
namespace {

constexpr const char* kDescription =
    "Do one thing at every place of a conversation: break, interrupt, cut, …";
constexpr const char* kFooter =
    R"(Each run is a simulated world: a server, a client to whom it happens, another one besides, a fresh one at the
end; all judged as in `jitrig scenario run`. Without --message, --place and the like all of them are run.

Exit status: 0 fine, 1 something was found, 2 wrong usage, 3 the capture is unreadable.

Examples:
  jitrig scenario sweep break
  jitrig scenario sweep break --message 12 --place inside_header --action reset --direction server
  jitrig scenario sweep interruption session.pcap --compilation 3
  jitrig scenario sweep wrong-peer --tls)";

/// Where there is no installation, the capture whose second compilation is swept.
constexpr const char* kDefaultCapture = JITRIG_CAPTURE_FOLDER "/plain_1conn_3compiles.pcap";
/// Where that is not there, as in an installation: a compilation of so many messages is made.
constexpr std::uint64_t kDefaultMessages = 100;

struct Options {
  std::string capture;
  std::size_t compilation = 2;
  std::uint64_t made_messages = 0;
  std::string protocol = "jitserver";
  SweepOptions sweep;
  std::map<std::string, std::string> axes;  ///< what was given on each; "": all
  std::uint64_t one_in = 1;
  bool json = false;
};

/// What is swept, and how it is called.
struct Subject {
  SweptConversation conversation;
  std::string text;
};

Subject loadSubject(const Options& options) {
  const bool given = !options.capture.empty();
  const auto dialect = loadDialect({}, {}, {.protocol = options.protocol});
  std::uint64_t made = options.made_messages;
  const bool has_default = dialect->format == nullptr && std::filesystem::exists(kDefaultCapture);
  if (!given && made == 0 && !has_default) made = kDefaultMessages;
  if (made != 0) {
    return {SweptConversation::make(dialect, made), fmt::format("a made compilation of {} messages", made)};
  }
  const std::string path = given ? options.capture : kDefaultCapture;
  auto read = SweptConversation::read(path, dialect, options.compilation);
  if (!read) throw CommandError(ExitStatus::unreadableInput, read.error());
  const std::uint64_t messages = read->messages();
  return {std::move(*read), fmt::format("compilation {} of {}, {} messages", options.compilation,
                                        std::filesystem::path(path).filename().string(), messages)};
}

/// The command that runs one point again.
std::string repeatCommand(const Sweep& sweep, const Options& options, const SweepPoint& point) {
  std::string command = fmt::format("jitrig scenario sweep {}", sweep.name);
  if (!options.capture.empty()) command += ' ' + options.capture;
  if (options.made_messages != 0) command += fmt::format(" --messages {}", options.made_messages);
  if (options.protocol != "jitserver") command += " --protocol " + options.protocol;
  if (options.compilation != 2) command += fmt::format(" --compilation {}", options.compilation);
  if (options.sweep.tls) command += " --tls";
  if (options.sweep.seed != 1) command += fmt::format(" --seed {}", options.sweep.seed);
  return command + ' ' + toText(point);
}

void printFailure(EventPrinter& printer, const SweepFailure& failure, const std::string& repeat) {
  std::string text = fmt::format("found at {}", toText(failure.point));
  JsonEvent event("failure");
  for (const auto& [axis, value] : failure.point.coordinates) event.add(axis, value);
  for (const std::string& problem : failure.problems) text += "\n  " + problem;
  text += "\n  repeat: " + repeat;
  event.add("problems", fmt::format("{}", fmt::join(failure.problems, "\n"))).add("repeat", repeat);
  printer.print(text, event.done());
}

/// One line on a terminal, rewritten as the sweep goes on.
void showProgress(std::uint64_t done, std::uint64_t of) {
  constexpr std::uint64_t kEach = 50;
  if (isatty(STDERR_FILENO) == 0 || (done % kEach != 0 && done != of)) return;
  fmt::print(stderr, "\r{} of {}{}", done, of, done == of ? "\r                        \r" : "");
}

ExitStatus sweepAll(const Sweep& sweep, const Options& options) {
  const Subject subject = loadSubject(options);
  SweepChoice choice;
  choice.one_in = options.one_in;
  for (const auto& [axis, value] : options.axes) {
    if (!value.empty()) choice.only[axis] = value;
  }
  const auto report = runSweep(sweep, subject.conversation, options.sweep, choice, showProgress);
  if (!report) throw CommandError(ExitStatus::wrongUsage, report.error());
  EventPrinter printer(options.json);
  for (const SweepFailure& failure : report->failures) {
    printFailure(printer, failure, repeatCommand(sweep, options, failure.point));
  }
  printer.print(fmt::format("{}{}: {} runs, {} messages; {} found something ({})", sweep.name,
                            options.sweep.tls ? " with TLS" : "", report->runs, report->messages,
                            report->failures.size(), subject.text),
                JsonEvent("summary")
                    .add("sweep", sweep.name)
                    .add("runs", report->runs)
                    .add("messages", report->messages)
                    .add("failures", report->failures.size())
                    .done());
  return report->failures.empty() ? ExitStatus::fine : ExitStatus::foundSomething;
}

void addSweepVerb(CLI::App& sweeps, VerbAction& action, const Sweep& sweep) {
  CLI::App* verb = sweeps.add_subcommand(std::string(sweep.name), std::string(sweep.sentence));
  const auto options = std::make_shared<Options>();
  verb->add_option("capture", options->capture, "pcap or pcapng file; without it, one that comes with jitrig")
      ->type_name("FILE");
  verb->add_option("--compilation", options->compilation,
                   "which of its compilations is swept, from 1; not the last")
      ->type_name("N")
      ->capture_default_str();
  verb->add_option("--protocol", options->protocol,
                   "what is spoken: jitserver, or jitaas, the older generation")
      ->type_name("jitserver|jitaas")
      ->capture_default_str();
  verb->add_option("--messages", options->made_messages,
                   "instead of a capture: a made compilation of so many messages")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{4}, std::uint64_t{100'000}));
  for (const SweepAxis& axis : sweep.axes) {
    verb->add_option("--" + std::string(axis.name), options->axes[std::string(axis.name)],
                     std::string(axis.sentence))
        ->type_name("VALUE");
  }
  verb->add_option("--one-in", options->one_in,
                   "run each N-th point only; a prime, so that all axes are seen")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  verb->add_option("--seed", options->sweep.seed, "of each world")->type_name("N")->capture_default_str();
  verb->add_flag("--tls", options->sweep.tls, "over simulated TLS");
  verb->add_flag("--json", options->json, "one JSON object per line");
  verb->footer(fmt::format(
      "Exit status: 0 fine, 1 something was found, 2 wrong usage, 3 the capture is unreadable.\n\n"
      "Example:\n  jitrig scenario sweep {} --one-in 7",
      sweep.name));
  verb->callback(
      [options, &sweep, &action] { action = [options, &sweep] { return sweepAll(sweep, *options); }; });
}

}  // namespace

void addScenarioSweep(CLI::App& scenario, VerbAction& action) {
  CLI::App* verb = scenario.add_subcommand("sweep", kDescription);
  verb->footer(kFooter);
  verb->require_subcommand(1);
  for (const Sweep& sweep : sweeps()) addSweepVerb(*verb, action, sweep);
}

}  // namespace jitrig
