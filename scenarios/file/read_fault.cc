#include <charconv>
#include <fmt/format.h>

#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxNumber = 1'000'000'000'000;
constexpr std::uint64_t kMaxType = 0xffff;

/// Reads the keys of one fault.
class FaultReader {
 public:
  FaultReader(const ScenarioFileContext& context, const YamlNode& node, const Dialect& dialect)
      : yaml_(context.yaml), node_(node), dialect_(dialect) {}

  FaultSpec read() const {
    yaml_.requireMap(
        node_, "a fault",
        {"action", "with", "from", "type", "message", "message_of_compilation", "compilation", "connection",
         "not_before_ms", "not_after_ms", "place", "byte", "probability", "count", "enabled"});
    FaultSpec fault;
    const YamlNode* action = node_.find("action");
    if (action == nullptr) yaml_.fail(node_, "a fault needs 'action'; jitrig scenario faults lists them");
    fault.action = yaml_.text(*action, "action");
    readParameters(fault);
    fault.trigger = readTrigger();
    if (const YamlNode* enabled = node_.find("enabled")) fault.enabled = yaml_.flag(*enabled, "enabled");
    if (const auto checked = checkFault(fault, dialect_); !checked) yaml_.fail(node_, checked.error());
    return fault;
  }

 private:
  void readParameters(FaultSpec& fault) const {
    const YamlNode* with = node_.find("with");
    if (with == nullptr) return;
    if (!with->isMap()) yaml_.fail(*with, "'with' must be a mapping of the action's parameters");
    for (const auto& [name, value] : with->entries) {
      const std::string& key = yaml_.text(*name, "a parameter");
      if (!fault.parameters.emplace(key, yaml_.text(*value, key)).second) {
        yaml_.fail(*name, fmt::format("the key '{}' stands here twice", key));
      }
    }
  }

  FaultTrigger readTrigger() const {
    FaultTrigger trigger;
    if (const YamlNode* from = node_.find("from")) trigger.direction = readDirection(*from);
    if (const YamlNode* type = node_.find("type")) trigger.type = readType(*type);
    trigger.message = optionalNumber("message", 1);
    trigger.message_of_compilation = optionalNumber("message_of_compilation", 1);
    trigger.compilation = optionalNumber("compilation", 1);
    trigger.connection = optionalNumber("connection", 1);
    if (const auto time = optionalNumber("not_before_ms", 0)) trigger.not_before_ms = time;
    if (const auto time = optionalNumber("not_after_ms", 0)) trigger.not_after_ms = time;
    readPlace(trigger);
    if (const YamlNode* probability = node_.find("probability")) {
      trigger.probability_ppm = readPartsPerMillion(yaml_, *probability, "probability");
    }
    if (const YamlNode* count = node_.find("count")) trigger.count = readCount(*count);
    return trigger;
  }

  std::optional<std::uint64_t> optionalNumber(std::string_view key, std::uint64_t min) const {
    const YamlNode* value = node_.find(key);
    if (value == nullptr) return std::nullopt;
    return yaml_.number(*value, key, min, kMaxNumber);
  }

  Direction readDirection(const YamlNode& node) const {
    const std::string& from = yaml_.text(node, "from");
    if (from == "client") return Direction::client;
    if (from == "server") return Direction::server;
    yaml_.fail(node, fmt::format("from: expected client or server, not '{}'", from));
  }

  std::uint16_t readType(const YamlNode& node) const {
    const std::string& name = yaml_.text(node, "type");
    if (const auto number = dialect_.table->numberOf(name)) return *number;
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
      return static_cast<std::uint16_t>(yaml_.number(node, "type", 0, kMaxType));
    }
    std::vector<std::string> known;
    for (const MessageType& type : dialect_.table->types()) known.push_back(type.name);
    const std::string kind = fmt::format("message type of release {}", dialect_.table->release().name);
    yaml_.fail(node, unknownName(kind, name, known));
  }

  void readPlace(FaultTrigger& trigger) const {
    const YamlNode* byte = node_.find("byte");
    if (byte != nullptr) {
      trigger.byte = yaml_.number(*byte, "byte", 0, kMaxNumber);
      trigger.place = FaultPlace::atByte;
    }
    const YamlNode* place = node_.find("place");
    if (place == nullptr) return;
    const std::string& name = yaml_.text(*place, "place");
    const auto known = parseFaultPlace(name);
    if (!known) {
      std::vector<std::string> names;
      for (const FaultPlaceName& one : faultPlaces()) names.emplace_back(one.name);
      yaml_.fail(*place, unknownName("place in a message", name, names));
    }
    if ((*known == FaultPlace::atByte) != (byte != nullptr)) {
      yaml_.fail(*place, "'byte' and 'place: at_byte' go together, and with no other place");
    }
    trigger.place = *known;
  }

  std::optional<std::uint64_t> readCount(const YamlNode& node) const {
    if (yaml_.text(node, "count") == "always") return std::nullopt;
    return yaml_.number(node, "count", 1, kMaxNumber);
  }

  const YamlReader& yaml_;
  const YamlNode& node_;
  const Dialect& dialect_;
};

}  // namespace

FaultSpec readFault(const ScenarioFileContext& context, const YamlNode& node, const Dialect& dialect) {
  return FaultReader(context, node, dialect).read();
}

}  // namespace jitrig
