#pragma once

#include <memory>

#include "protocol/catalogue/message_table.h"
#include "protocol/jitaas/jitaas_signatures.h"
#include "protocol/jitaas/receiving_place.h"
#include "protocol/stream/message_format.h"

namespace jitrig {

/// Messages as frames of JitaasMessage, each value with the tag of its C++ type.
class JitaasFormat final : public MessageFormat {
 public:
  /// `table` says which types the values of a message have, and lives no longer than this call.
  JitaasFormat(const MessageTable& table, TagCheck tags) : signatures_(table), tags_(tags) {}

  std::string_view name() const override { return "jitaas"; }
  Framer::Announcement announcement() const override;
  std::size_t headerSize() const override;
  std::optional<std::uint16_t> typeOf(std::span<const std::byte> begin) const override;
  std::vector<std::byte> encode(MessageView message, Direction sender) const override;
  std::expected<std::optional<FormatMisfit>, std::string> decode(std::span<const std::byte> frame,
                                                                 std::optional<Direction> sender,
                                                                 const WireLimits& limits,
                                                                 Message& message) const override;

 private:
  JitaasSignatures signatures_;
  TagCheck tags_;
};

}  // namespace jitrig
