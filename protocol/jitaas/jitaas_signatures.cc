#include "protocol/jitaas/jitaas_signatures.h"

#include "protocol/jitaas/type_tag.h"

namespace jitrig {
namespace {

/// Vectors that have a number of their own and need not be in the release.
void addNumberedVectors(std::map<std::uint64_t, CarriedType>& by_tag) {
  CarriedType element;
  element.kind = AnyKind::bytes;
  element.shape = WireType::Kind::string;
  const auto add = [&](std::uint64_t tag, const char* name, std::uint32_t element_size) {
    CarriedType vector;
    vector.kind = AnyKind::vector;
    vector.tag = tag;
    vector.shape = WireType::Kind::vector;
    vector.name = name;
    vector.simple_element_size = element_size;
    vector.elements = {element};
    by_tag.try_emplace(tag, std::move(vector));
  };
  add(kTypeTag<std::vector<std::uint32_t>>, "std::vector<uint32_t>", sizeof(std::uint32_t));
  add(kTypeTag<std::vector<void*>>, "std::vector<void *>", sizeof(void*));
  add(kTypeTag<std::vector<std::uint8_t>>, "std::vector<uint8_t>", sizeof(std::uint8_t));
  add(kTypeTag<std::vector<std::string>>, "std::vector<std::string>", 0);
}

}  // namespace

JitaasSignatures::JitaasSignatures(const MessageTable& table) {
  using Sends = MessageType::Direction;
  for (const MessageType& type : table.types()) {
    const Direction starter = type.direction == Sends::clientToServer ? Direction::client : Direction::server;
    add(type.number, starter, type.request, type.request_cpp, table.release());
    if (type.direction == Sends::query)
      add(type.number, Direction::client, type.reply, type.reply_cpp, table.release());
  }
  addNumberedVectors(by_tag_);
}

void JitaasSignatures::add(std::uint16_t message_type, Direction sender,
                           const std::optional<std::vector<WireType>>& shapes,
                           const std::vector<std::string>& cpp_types, const Release& release) {
  if (!shapes) return;
  Types types;
  for (std::size_t i = 0; i < shapes->size(); ++i) {
    types.push_back(carriedTypeOf(cpp_types.at(i), (*shapes)[i], release));
    addTags(types.back());
  }
  types_[static_cast<std::size_t>(sender)].emplace(message_type, std::move(types));
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the release's types
void JitaasSignatures::addTags(const CarriedType& type) {
  by_tag_.try_emplace(type.tag, type);
  for (const CarriedType& element : type.elements) addTags(element);
}

const JitaasSignatures::Types* JitaasSignatures::find(std::uint16_t message_type, Direction sender) const {
  const auto& of_sender = types_[static_cast<std::size_t>(sender)];
  const auto found = of_sender.find(message_type);
  return found == of_sender.end() ? nullptr : &found->second;
}

const CarriedType* JitaasSignatures::byTag(std::uint64_t tag) const {
  const auto found = by_tag_.find(tag);
  return found == by_tag_.end() ? nullptr : &found->second;
}

}  // namespace jitrig
