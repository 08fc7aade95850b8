#include "scenarios/sweeps/sweep.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace jitrig {
namespace {

bool lies(const SweepPoint& point, const std::string& axis, const std::string& value) {
  return std::ranges::find(point.coordinates, std::pair(axis, value)) != point.coordinates.end();
}

/// The values on an axis, in the order in which they come; long lists are cut.
std::string valuesOn(const std::vector<SweepPoint>& points, const std::string& axis) {
  constexpr std::size_t kShown = 24;
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const SweepPoint& point : points) {
    for (const auto& [name, value] : point.coordinates) {
      if (name == axis && seen.insert(value).second) values.push_back(value);
    }
  }
  const bool cut = values.size() > kShown;
  const std::string last = values.empty() ? "" : values.back();
  if (cut) values.resize(kShown);
  return fmt::format("{}{}", fmt::join(values, ", "), cut ? ", … " + last : "");
}

}  // namespace

std::string toText(const SweepPoint& point) {
  std::string text;
  for (const auto& [axis, value] : point.coordinates) {
    text += fmt::format("{}--{} {}", text.empty() ? "" : " ", axis, value);
  }
  return text;
}

std::expected<SweepReport, std::string> runSweep(
    const Sweep& sweep, const SweptConversation& conversation, const SweepOptions& options,
    const SweepChoice& choice, const std::function<void(std::uint64_t, std::uint64_t)>& on_point) {
  std::vector<SweepPoint> points = sweep.points(conversation, options);
  for (const auto& [axis, value] : choice.only) {
    std::vector<SweepPoint> chosen;
    std::ranges::copy_if(points, std::back_inserter(chosen),
                         [&](const SweepPoint& point) { return lies(point, axis, value); });
    if (chosen.empty()) {
      const std::string values = valuesOn(points, axis);
      if (values.empty()) return std::unexpected(fmt::format("the sweep '{}' has no '{}'", sweep.name, axis));
      return std::unexpected(fmt::format("--{} {}: expected one of {}", axis, value, values));
    }
    points = std::move(chosen);
  }
  const std::uint64_t step = std::max<std::uint64_t>(choice.one_in, 1);
  const std::uint64_t count = (points.size() + step - 1) / step;
  SweepReport report;
  for (std::size_t i = 0; i < points.size(); i += step) {
    SweepVerdict verdict = points[i].run();
    ++report.runs;
    report.messages += verdict.messages;
    if (!verdict.problems.empty()) {
      report.failures.push_back({std::move(points[i]), std::move(verdict.problems)});
    }
    if (on_point) on_point(report.runs, count);
  }
  return report;
}

const Sweep* findSweep(std::string_view name) {
  const auto all = sweeps();
  const auto found = std::ranges::find(all, name, &Sweep::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace jitrig
