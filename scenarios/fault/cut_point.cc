#include "scenarios/fault/cut_point.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace jitrig {
namespace {

std::optional<std::uint64_t> parseCount(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace

std::expected<CutPoint, std::string> parseCutPoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto compilation = parseCount(text.substr(0, colon));
  const auto query = colon == std::string_view::npos ? std::nullopt : parseCount(text.substr(colon + 1));
  if (compilation && query) return CutPoint{*compilation, *query};
  return std::unexpected(
      fmt::format("'{}': expected COMPILATION:QUERY, two numbers from 1, for instance 2:25", text));
}

FaultSpec faultAt(const CutPoint& point) {
  FaultSpec fault;
  fault.action = "reset";
  fault.trigger.direction = Direction::server;
  fault.trigger.compilation = point.compilation;
  fault.trigger.message_of_compilation = point.query;
  // Not before its last byte has been read: the server has done its part by then.
  fault.trigger.place = FaultPlace::lastByteMissing;
  return fault;
}

}  // namespace jitrig
