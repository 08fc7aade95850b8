#include "cli/junit_report.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace jitrig {
namespace {

/// Of an attribute or of text. XML 1.0 has no way to say most control characters.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{}.{:03}", time.count() / 1'000, time.count() % 1'000);
}

std::string firstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string junitReport(const std::string& suite, const std::vector<JUnitCase>& cases) {
  std::chrono::milliseconds total{};
  for (const JUnitCase& one : cases) total += one.took;
  const auto failures = std::ranges::count_if(cases, [](const auto& one) { return !one.failure.empty(); });
  const auto skipped =
      std::ranges::count_if(cases, [](const auto& one) { return !one.skip_because.empty(); });
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(std::back_inserter(out),
                 "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{}\">\n",
                 escaped(suite), cases.size(), failures, skipped, seconds(total));
  for (const JUnitCase& one : cases) {
    fmt::format_to(std::back_inserter(out), "  <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
                   escaped(one.group), escaped(one.name), seconds(one.took));
    if (!one.failure.empty()) {
      fmt::format_to(std::back_inserter(out), "><failure message=\"{}\">{}</failure></testcase>\n",
                     escaped(firstLine(one.failure)), escaped(one.failure));
    } else if (!one.skip_because.empty()) {
      fmt::format_to(std::back_inserter(out), "><skipped message=\"{}\"/></testcase>\n",
                     escaped(one.skip_because));
    } else {
      out += "/>\n";
    }
  }
  return out + "</testsuite>\n";
}

}  // namespace jitrig
