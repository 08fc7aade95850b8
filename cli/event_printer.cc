#include "cli/event_printer.h"

#include <fmt/format.h>

#include "protocol/wire/value_json.h"

namespace jitrig {

void EventPrinter::print(const std::string& text, const std::string& json) {
  const std::lock_guard lock(mutex_);
  out_.text() += json_ ? json : text;
  out_.text() += '\n';
  out_.flush();  // nobody reads any more: that is no reason to stop serving
}

JsonEvent::JsonEvent(std::string_view event) : json_("{") {
  json_ += "\"event\":";
  appendJsonString(json_, event);
}

JsonEvent& JsonEvent::add(std::string_view key, std::string_view text) {
  addKey(key);
  appendJsonString(json_, text);
  return *this;
}

JsonEvent& JsonEvent::add(std::string_view key, std::uint64_t number) {
  addKey(key);
  json_ += fmt::format("{}", number);
  return *this;
}

JsonEvent& JsonEvent::addBool(std::string_view key, bool value) {
  addKey(key);
  json_ += value ? "true" : "false";
  return *this;
}

JsonEvent& JsonEvent::addNull(std::string_view key) {
  addKey(key);
  json_ += "null";
  return *this;
}

void JsonEvent::addKey(std::string_view key) {
  json_ += ',';
  appendJsonString(json_, key);
  json_ += ':';
}

}  // namespace jitrig
