#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {

/// Where a reader is in nested data: "data[2].tuple[0].int32". Written out only when an error asks for it.
class FieldPath {
 public:
  explicit FieldPath(std::string root = "") : root_(std::move(root)) {}

  /// One level down, into a member or an element; leave() goes one up, as often as was entered.
  void enterKey(std::string_view key) { parts_.push_back({std::string(key), 0, false}); }
  void enterIndex(std::size_t index) { parts_.push_back({{}, index, true}); }
  void leave() { parts_.pop_back(); }

  std::string toString() const;

 private:
  struct Part {
    std::string key;
    std::size_t index;
    bool is_index;
  };

  std::string root_;
  std::vector<Part> parts_;
};

}  // namespace jitrig
