#include "protocol/jitaas/type_tag.h"

#include <algorithm>
#include <array>
#include <utility>

namespace jitrig {
namespace {

using NamedTag = std::pair<std::uint64_t, std::string_view>;

constexpr std::array kNamedTags{
    NamedTag{kTypeTag<std::int32_t>, "an int32"},
    NamedTag{kTypeTag<std::uint32_t>, "a uint32"},
    NamedTag{kTypeTag<std::int64_t>, "an int64"},
    NamedTag{kTypeTag<std::uint64_t>, "a uint64"},
    NamedTag{kTypeTag<bool>, "a bool"},
    NamedTag{kTypeTag<Void>, "a Void"},
    NamedTag{kTypeTag<std::string>, "a string"},
    NamedTag{kTypeTag<void*>, "a pointer"},
    NamedTag{kTypeTag<std::uint8_t>, "a uint8"},
    NamedTag{kTypeTag<std::int8_t>, "an int8"},
    NamedTag{kTypeTag<std::uint16_t>, "a uint16"},
    NamedTag{kTypeTag<std::int16_t>, "an int16"},
    NamedTag{kTypeTag<float>, "a float"},
    NamedTag{kTypeTag<double>, "a double"},
    NamedTag{kTypeTag<char>, "a char"},
    NamedTag{kTypeTag<long long>, "a long long"},
    NamedTag{kTypeTag<unsigned long long>, "an unsigned long long"},
    NamedTag{kTypeTag<std::vector<std::uint32_t>>, "a vector of uint32"},
    NamedTag{kTypeTag<std::vector<void*>>, "a vector of pointers"},
    NamedTag{kTypeTag<std::vector<std::uint8_t>>, "a vector of uint8"},
    NamedTag{kTypeTag<std::vector<std::string>>, "a vector of strings"},
};

}  // namespace

std::string describeTag(std::uint64_t tag) {
  std::string text = "tag " + std::to_string(tag);
  const auto* named = std::ranges::find(kNamedTags, tag, &NamedTag::first);
  if (named != kNamedTags.end()) (text += ", ") += named->second;
  return text;
}

}  // namespace jitrig
