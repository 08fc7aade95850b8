#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/jitaas/carried_type.h"
#include "protocol/stream/direction.h"

namespace jitrig {

/// Which C++ types the values of each message of a release have, and which type a tag means. Immutable.
class JitaasSignatures {
 public:
  using Types = std::vector<CarriedType>;

  explicit JitaasSignatures(const MessageTable& table);

  /// nullptr: they are not known, or the sender never sends such a message.
  const Types* find(std::uint16_t message_type, Direction sender) const;

  /// nullptr: no value of the release has this tag.
  const CarriedType* byTag(std::uint64_t tag) const;

 private:
  void add(std::uint16_t message_type, Direction sender, const std::optional<std::vector<WireType>>& shapes,
           const std::vector<std::string>& cpp_types, const Release& release);
  void addTags(const CarriedType& type);

  /// By Direction.
  std::array<std::map<std::uint16_t, Types>, 2> types_;
  std::map<std::uint64_t, CarriedType> by_tag_;
};

}  // namespace jitrig
