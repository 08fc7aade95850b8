#include "fuzz/changed_input.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "fuzz/message_edits.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::fuzz {
namespace {

void change(std::vector<std::byte>& bytes, testing::SplitMix& random) {
  constexpr std::array<std::uint8_t, 8> kInteresting{0, 1, 4, 8, 0x7f, 0x80, 0xfc, 0xff};
  if (bytes.empty()) return bytes.push_back(static_cast<std::byte>(random.next()));
  const std::size_t at = random.below(bytes.size());
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto length =
      static_cast<std::ptrdiff_t>(std::min<std::size_t>(1 + random.below(8), bytes.size() - at));
  switch (random.below(6)) {
    case 0: *place ^= static_cast<std::byte>(1U << random.below(8)); break;
    case 1: *place = static_cast<std::byte>(kInteresting[random.below(kInteresting.size())]); break;
    case 2: *place = static_cast<std::byte>(random.next()); break;
    case 3: bytes.erase(place, place + length); break;
    case 4: {
      const std::vector<std::byte> part(place, place + length);
      bytes.insert(place, part.begin(), part.end());
      break;
    }
    default: bytes.resize(at + 1); break;
  }
}

}  // namespace

std::vector<std::byte> changedInput(InputBytes bytes, std::uint64_t number) {
  if (number % 3 == 0) {
    if (auto edited = editedStream(bytes, 0, number * 0x9e37'79b9U + bytes.size()); !edited.empty())
      return edited;
  }
  testing::SplitMix random(number * 1'000'003U + bytes.size());
  std::vector<std::byte> changed(bytes.begin(), bytes.end());
  for (std::size_t changes = 1 + random.below(4); changes > 0; --changes) change(changed, random);
  return changed;
}

}  // namespace jitrig::fuzz
