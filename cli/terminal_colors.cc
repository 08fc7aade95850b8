#include "cli/terminal_colors.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/exit_status.h"

namespace jitrig {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody changes the environment
  return value == nullptr ? "" : value;
}

std::string_view startOf(Color color) {
  switch (color) {
    case Color::dim: return "\x1b[2m";
    case Color::cyan: return "\x1b[36m";
    case Color::green: return "\x1b[32m";
    case Color::yellow: return "\x1b[33m";
    case Color::red: return "\x1b[31m";
    case Color::plain: break;
  }
  return "";
}

}  // namespace

void addColorOption(CLI::App& verb, std::string& color) {
  verb.add_option("--color", color, "auto colours on a terminal unless NO_COLOR is set")
      ->type_name("auto|always|never")
      ->capture_default_str();
}

bool wantsColors(const std::string& color) {
  if (color == "always") return true;
  if (color == "never") return false;
  if (color != "auto") {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--color: unknown word '{}'; expected auto, always or never", color));
  }
  return isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

void appendColored(std::string& out, std::string_view text, Color color, bool with_colors) {
  const std::string_view start = with_colors ? startOf(color) : "";
  out += start;
  out += text;
  if (!start.empty()) out += "\x1b[0m";
}

}  // namespace jitrig
