#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/standard_output.h"

namespace jitrig {

/// Prints what happens while a verb runs, one line per event, at once: as JSON for machines, as text for
/// people. Thread-safe.
class EventPrinter {
 public:
  explicit EventPrinter(bool json) : json_(json) {}

  bool json() const { return json_; }

  /// Prints whichever the user asked for.
  void print(const std::string& text, const std::string& json);

 private:
  bool json_;
  std::mutex mutex_;
  StandardOutput out_;
};

/// Builds one JSON event: {"event":"…","key":value,…}.
class JsonEvent {
 public:
  explicit JsonEvent(std::string_view event);

  JsonEvent& add(std::string_view key, std::string_view text);
  JsonEvent& add(std::string_view key, const std::string& text) { return add(key, std::string_view(text)); }
  JsonEvent& add(std::string_view key, const char* text) { return add(key, std::string_view(text)); }
  JsonEvent& add(std::string_view key, std::uint64_t number);
  JsonEvent& addBool(std::string_view key, bool value);
  JsonEvent& addNull(std::string_view key);

  std::string done() const { return json_ + "}"; }

 private:
  void addKey(std::string_view key);

  std::string json_;
};

}  // namespace jitrig
