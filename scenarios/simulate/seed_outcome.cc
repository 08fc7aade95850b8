#include "scenarios/simulate/seed_outcome.h"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitrig {
namespace {

using Json = nlohmann::ordered_json;

std::string hexadecimal(std::uint64_t digest) {
  return fmt::format("{:016x}", digest);
}

std::uint64_t digestOf(const Json& json) {
  const auto text = json.get<std::string>();
  std::uint64_t digest = 0;
  std::from_chars(text.data(), text.data() + text.size(), digest, 16);
  return digest;
}

}  // namespace

std::string toJsonLine(const SeedOutcome& outcome) {
  Json json;
  json["seed"] = outcome.seed;
  json["passed"] = outcome.passed();
  json["failed"] = outcome.failed;
  json["messages"] = outcome.messages;
  json["steps"] = outcome.steps;
  json["runs"] = outcome.runs;
  json["virtual_time_ns"] = outcome.virtual_time_ns;
  json["logical_digest"] = hexadecimal(outcome.logical_digest);
  json["schedule_digest"] = hexadecimal(outcome.schedule_digest);
  json["newly_reached"] = outcome.newly_reached;
  json["report"] = outcome.report;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::expected<SeedOutcome, std::string> parseSeedOutcome(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    SeedOutcome outcome;
    outcome.seed = json.at("seed").get<std::uint64_t>();
    outcome.failed = json.at("failed").get<std::vector<std::string>>();
    outcome.messages = json.at("messages").get<std::uint64_t>();
    outcome.steps = json.at("steps").get<std::uint64_t>();
    outcome.runs = json.at("runs").get<std::uint64_t>();
    outcome.virtual_time_ns = json.at("virtual_time_ns").get<std::int64_t>();
    outcome.logical_digest = digestOf(json.at("logical_digest"));
    outcome.schedule_digest = digestOf(json.at("schedule_digest"));
    outcome.newly_reached = json.at("newly_reached").get<std::vector<std::string>>();
    outcome.report = json.at("report").get<std::string>();
    return outcome;
  } catch (const Json::exception& error) {
    return std::unexpected(fmt::format("a job's answer cannot be read: {}", error.what()));
  }
}

}  // namespace jitrig
