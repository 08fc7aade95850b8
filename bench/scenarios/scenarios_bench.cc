// The program of ./dev bench scenarios.
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/scenarios/measured.h"

namespace jitrig::bench {
namespace {

constexpr const char* kUsage =
    "usage: scenarios_bench [--scale X] [--json FILE] [record|runs|sweep|memory]...\n";

int run(const std::vector<std::string>& arguments) {
  double scale = 1;
  std::string json;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--scale" && has_value) {
      scale = std::stod(arguments[++i]);
    } else if (arguments[i] == "--json" && has_value) {
      json = arguments[++i];
    } else {
      parts.push_back(arguments[i]);
    }
  }
  if (parts.empty()) parts = {"record", "runs", "sweep"};
  std::string lines;
  bool all_met = true;
  for (const std::string& part : parts) {
    std::vector<Measured> measured;
    if (part == "record") measured = measureRecording();
    if (part == "runs") measured = measureRuns(scale);
    if (part == "sweep") measured = measureBreakSweep(scale);
    if (part == "memory") measured = measureMemory(scale);
    if (measured.empty()) {
      std::cerr << kUsage;
      return 2;
    }
    for (const Measured& each : measured) {
      all_met = all_met && each.met;
      std::cout << fmt::format("{:<40}{:>14.1f}   {}{}\n", each.name, each.value, each.asked,
                               each.met ? "" : "  MISSED")
                << std::flush;
      lines += fmt::format("{}\n  \"{}\": {:.3f}", lines.empty() ? "{" : ",", each.name, each.value);
    }
  }
  if (!json.empty()) std::ofstream(json) << lines << "\n}\n";
  return all_met ? 0 : 1;
}

}  // namespace
}  // namespace jitrig::bench

int main(int argc, char** argv) {
  try {
    return jitrig::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "scenarios_bench: " << error.what() << '\n';
    return 1;
  }
}
