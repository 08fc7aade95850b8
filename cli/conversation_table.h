#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "capture/conversation.h"
#include "protocol/catalogue/message_table.h"

namespace jitrig {

struct ConversationTableOptions {
  bool with_colors = false;
  bool abbreviate = true;  ///< long data, as in abbreviated_text.h
};

/// A conversation as lines of a table, its columns as wide as this conversation needs:
///
///   connection, seconds since the first packet, who sent it, size in bytes, text form (message_text.h)
///   0  0.000124  client   1304  compilationRequest[version 1.105, config 0x3011](uint64(7), …)
///   0  0.001300  client         closes
class ConversationTable {
 public:
  /// `message_table` must outlive the table.
  ConversationTable(const Conversation& conversation, const MessageTable& message_table,
                    const ConversationTableOptions& options);

  /// "connection 0: client 127.0.0.1:4711, server 127.0.0.1:38400, 156 and 155 messages"
  void appendConnection(std::string& out, const ConversationConnection& connection) const;
  void appendMessage(std::string& out, const ConversationMessage& message) const;
  void appendEnd(std::string& out, std::uint32_t connection, Direction sender,
                 const ConversationEnd& end) const;

 private:
  void appendColumns(std::string& out, std::uint32_t connection, std::int64_t time_ns, Direction sender,
                     const std::string& size) const;

  const MessageTable& message_table_;
  ConversationTableOptions options_;
  std::vector<std::array<std::size_t, 2>> message_counts_;  ///< by connection, then by Direction
  std::size_t connection_width_ = 1;
  std::size_t time_width_ = 1;
  std::size_t size_width_ = 1;
};

}  // namespace jitrig
