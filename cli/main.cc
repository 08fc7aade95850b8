// The command line: finds the verb, runs it, and turns whatever goes wrong into one line and an exit status.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/standard_error.h"
#include "cli/verbs.h"
#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

constexpr std::array kVerbs{
    addDecode, addEncode,   addShow,     addFakeCompiler, addFakeVM,
    addReplay, addScenario, addSimulate, addCatalogue,
};

constexpr const char* kFooter = R"(Example:
  jitrig decode 1c0000000000000000000000ab0001000000000004000000feffffff

Each verb has its own --help. Exit status: 0 fine, 1 the run found something or did not end as asked,
2 wrong usage, 3 unreadable input, 4 port taken or peer unreachable.)";

/// The innermost verb that was given: that of `catalogue show` is show; jitrig itself as long as none is
/// known.
const CLI::App& givenVerb(const CLI::App& app) {
  const CLI::App* verb = &app;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  return *verb;
}

/// "jitrig catalogue show", or "jitrig" as long as no verb is known.
std::string commandName(const CLI::App& app) {
  std::string name = "jitrig";
  for (const CLI::App* verb = &app; !verb->get_subcommands().empty();) {
    verb = verb->get_subcommands().front();
    name += ' ' + verb->get_name();
  }
  return name;
}

ExitStatus fail(const CLI::App& app, ExitStatus status, const std::string& message) {
  printError(fmt::format("{}: {}", commandName(app), message));
  return status;
}

/// "unknown option '--relaese'; near are --release", or "" if what is left over is no option.
std::string unknownOptionOf(const CLI::App& verb) {
  const std::vector<std::string> surplus = verb.remaining();
  const auto unknown =
      std::ranges::find_if(surplus, [](const std::string& each) { return each.starts_with("--"); });
  if (unknown == surplus.end()) return "";
  std::vector<std::string> options;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back(name);
  }
  const std::string name = unknown->substr(2, unknown->find('=') - 2);
  const auto nearest = nearestNames(name, options);
  return fmt::format("unknown option '--{}'{}", name,
                     nearest.empty() ? "" : fmt::format("; near are --{}", fmt::join(nearest, ", --")));
}

/// CLI11 knows many exit statuses; to us all of them are wrong usage, except for --help and --version.
ExitStatus explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error);
    return ExitStatus::fine;
  }
  const std::string command = commandName(app);
  std::string message = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    if (const std::string unknown = unknownOptionOf(givenVerb(app)); !unknown.empty()) message = unknown;
  }
  std::vector<std::string> names;
  for (const CLI::App* verb : givenVerb(app).get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  if (!names.empty()) {  // a verb below is missing
    message = fmt::format("expected a verb: {}", fmt::join(names, ", "));
    const auto surplus = app.remaining(true);
    if (!surplus.empty()) message = fmt::format("unknown verb or option '{}'; {}", surplus.front(), message);
  }
  return fail(app, ExitStatus::wrongUsage, fmt::format("{}\nSee {} --help.", message, command));
}

ExitStatus run(int argc, char** argv) {
  CLI::App app("A rig for the JITServer protocol: fake peers, captures, messages.", "jitrig");
  app.set_version_flag("--version", "jitrig " JITRIG_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  VerbAction action;
  for (const auto add : kVerbs) add(app, action);
  try {
    app.parse(argc, argv);
    return action();
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  } catch (const CommandError& error) {
    return fail(app, error.status(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(app, ExitStatus::foundSomething, "out of memory");
  } catch (const std::exception& error) {
    return fail(app, ExitStatus::foundSomething, error.what());
  }
}

/// Whoever starts us may have closed the standard input, output or error (`2>&-`). The next file or socket
/// would get the number, and what is printed would go into a capture or to a peer. So each is taken, by
/// something with which its use still fails.
void takeClosedStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const int flags = fcntl(descriptor, F_GETFD);
    if (flags == 0) continue;
    // What stands there and is closed on exec is not inherited: a trial of gRPC's initialisation, which takes
    // the number 0 for "none" and forgets to close it.
    if (flags != -1) close(descriptor);
    // The lowest free number is given out: this one, since those below are taken.
    (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace
}  // namespace jitrig

int main(int argc, char** argv) {
  jitrig::takeClosedStandardDescriptors();
  // Writing to a pipe that nobody reads gives EPIPE instead, which each writer handles quietly.
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(jitrig::run(argc, argv));
}
