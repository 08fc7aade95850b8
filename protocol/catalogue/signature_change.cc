#include "protocol/catalogue/signature_change.h"

#include <algorithm>
#include <fmt/core.h>

namespace jitrig {

namespace {

using Types = std::vector<WireType>;
using Kind = WireType::Kind;

/// How many data points two lists have in common, in order, from each pair of positions to their ends.
class CommonLengths {
 public:
  CommonLengths(const Types& before, const Types& after)
      : width_(after.size() + 1), lengths_((before.size() + 1) * width_) {
    for (std::size_t i = before.size(); i-- > 0;) {
      for (std::size_t j = after.size(); j-- > 0;) {
        lengths_[i * width_ + j] =
            before[i] == after[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }

  std::size_t at(std::size_t i, std::size_t j) const { return lengths_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::size_t> lengths_;
};

/// Recursion is bounded by the nesting of the wire types.
class Comparison {
 public:
  void compareLists(const std::string& place, const Types& before, const Types& after) {
    const CommonLengths common(before, after);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < before.size() || j < after.size()) {
      const std::size_t first_before = i;
      const std::size_t first_after = j;
      while (i < before.size() && j < after.size() && before[i] != after[j]) {
        common.at(i + 1, j) >= common.at(i, j + 1) ? ++i : ++j;
      }
      if (i == before.size()) j = after.size();
      if (j == after.size()) i = before.size();
      compareGap(place, before, first_before, i, after, first_after, j);
      if (i < before.size()) ++i;
      if (j < after.size()) ++j;
    }
  }

  void add(std::string place, std::string before, std::string after) {
    changes_.push_back({std::move(place), std::move(before), std::move(after)});
  }

  std::vector<SignatureChange> take() { return std::move(changes_); }

 private:
  /// Between two common data points: what stands at the same place was changed, the rest added or removed.
  void compareGap(const std::string& place, const Types& before, std::size_t i, std::size_t end_before,
                  const Types& after, std::size_t j, std::size_t end_after) {
    for (; i < end_before && j < end_after; ++i, ++j) {
      compareOne(fmt::format("{}[{}]", place, j), before[i], after[j]);
    }
    for (; i < end_before; ++i) add(fmt::format("{}[{}]", place, i), toString(before[i]), "");
    for (; j < end_after; ++j) add(fmt::format("{}[{}]", place, j), "", toString(after[j]));
  }

  void compareOne(const std::string& place, const WireType& before, const WireType& after) {
    if (before == after) return;
    if (before.kind == Kind::tuple && after.kind == Kind::tuple) {
      compareLists(place, before.elements, after.elements);
    } else if (before.kind == Kind::vector && after.kind == Kind::vector) {
      compareOne(place + "[]", before.elements.front(), after.elements.front());
    } else {
      add(place, toString(before), toString(after));
    }
  }

  std::vector<SignatureChange> changes_;
};

}  // namespace

std::string toString(const SignatureChange& change) {
  if (change.before.empty()) return fmt::format("{}: {} was added", change.place, change.after);
  if (change.after.empty()) return fmt::format("{}: {} was removed", change.place, change.before);
  return fmt::format("{}: {} became {}", change.place, change.before, change.after);
}

std::vector<SignatureChange> compareSignatures(const MessageType& before, const MessageType& after) {
  Comparison comparison;
  if (before.direction != after.direction) {
    comparison.add("direction", toString(before.direction), toString(after.direction));
  }
  if (before.request && after.request) comparison.compareLists("request", *before.request, *after.request);
  if (before.has_reply != after.has_reply) {
    const auto text = [](const MessageType& type) -> std::string {
      if (!type.has_reply) return "none";
      return type.reply ? toString(*type.reply) : "not known";
    };
    comparison.add("reply", text(before), text(after));
  }
  if (before.reply && after.reply) comparison.compareLists("reply", *before.reply, *after.reply);
  return comparison.take();
}

}  // namespace jitrig
