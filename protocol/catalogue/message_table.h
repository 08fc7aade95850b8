#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/catalogue/message_type.h"
#include "protocol/catalogue/release.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// The message types of one release and build. Immutable, so any number of tasks may read it.
class MessageTable {
 public:
  /// `types` in numeric order. The error says what is wrong: a number or name given twice, numbers out of
  /// order or not below `maxtype`.
  static std::expected<MessageTable, std::string> make(std::shared_ptr<const Release> release, Build build,
                                                       std::uint32_t maxtype, std::vector<MessageType> types);

  const Release& release() const { return *release_; }
  Build build() const { return build_; }

  /// Exclusive: the highest number + 1. Not every number below is in use (0.20.0 numbers in blocks).
  std::uint32_t maxtype() const { return maxtype_; }

  /// In numeric order.
  const std::vector<MessageType>& types() const { return types_; }

  /// nullptr if this release and build has no such type.
  const MessageType* find(std::uint16_t number) const;
  const MessageType* find(std::string_view name) const;

  /// nullopt if this release and build has no such type.
  std::optional<std::uint16_t> numberOf(std::string_view name) const;

  /// compilationInterrupted and connectionTerminate, for Message::parse and the Framer.
  BodylessTypes bodylessTypes() const;

 private:
  struct NameHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): as the library looks for it
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  MessageTable(std::shared_ptr<const Release> release, Build build, std::uint32_t maxtype,
               std::vector<MessageType> types)
      : release_(std::move(release)), build_(build), maxtype_(maxtype), types_(std::move(types)) {}

  std::shared_ptr<const Release> release_;
  Build build_;
  std::uint32_t maxtype_;
  std::vector<MessageType> types_;
  std::unordered_map<std::string, std::size_t, NameHash, std::equal_to<>> index_by_name_;  // never walked
};

}  // namespace jitrig
