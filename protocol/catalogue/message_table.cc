#include "protocol/catalogue/message_table.h"

#include <algorithm>
#include <fmt/core.h>

namespace jitrig {

std::expected<MessageTable, std::string> MessageTable::make(std::shared_ptr<const Release> release,
                                                            Build build, std::uint32_t maxtype,
                                                            std::vector<MessageType> types) {
  MessageTable table(std::move(release), build, maxtype, std::move(types));
  const MessageType* before = nullptr;
  for (std::size_t i = 0; i < table.types_.size(); ++i) {
    const MessageType& type = table.types_[i];
    if (before != nullptr && type.number <= before->number) {
      return std::unexpected(fmt::format("message types out of order: {} has number {}, {} before it has {}",
                                         type.name, type.number, before->name, before->number));
    }
    if (type.number >= maxtype) {
      return std::unexpected(
          fmt::format("message type {} has number {}, maxtype is {}", type.name, type.number, maxtype));
    }
    if (!table.index_by_name_.emplace(type.name, i).second) {
      return std::unexpected(fmt::format("message type {} is there twice", type.name));
    }
    before = &type;
  }
  return table;
}

const MessageType* MessageTable::find(std::uint16_t number) const {
  // Numbers ascend, so the type with this one stands at this place, if every number below is in use, as in
  // most releases, and before it otherwise.
  if (number < types_.size() && types_[number].number == number) return &types_[number];
  const auto found = std::ranges::lower_bound(types_, number, {}, &MessageType::number);
  return found != types_.end() && found->number == number ? &*found : nullptr;
}

const MessageType* MessageTable::find(std::string_view name) const {
  const auto found = index_by_name_.find(name);
  return found == index_by_name_.end() ? nullptr : &types_[found->second];
}

std::optional<std::uint16_t> MessageTable::numberOf(std::string_view name) const {
  const MessageType* type = find(name);
  if (type == nullptr) return std::nullopt;
  return type->number;
}

BodylessTypes MessageTable::bodylessTypes() const {
  BodylessTypes bodyless;
  if (const auto number = numberOf("compilationInterrupted")) bodyless.numbers[0] = *number;
  if (const auto number = numberOf("connectionTerminate")) bodyless.numbers[1] = *number;
  return bodyless;
}

}  // namespace jitrig
