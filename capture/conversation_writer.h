#pragma once

#include <expected>
#include <string>

#include "capture/conversation.h"
#include "capture/pcap_writer.h"
#include "capture/traffic_sink.h"

namespace jitrig {

/// Plays a conversation into a sink: openings, messages and ends in the order of their times. The messages
/// keep their own order even where times step back. Connections of another protocol are left out, since a
/// conversation does not hold their bytes. `format` is nullptr for JITServer's own messages.
TrafficSink::Result playConversation(const Conversation& conversation, TrafficSink& sink,
                                     const MessageFormat* format = nullptr);

/// As a pcap file. Its times are those of the conversation; options.start_time_ns is not used.
std::expected<void, std::string> writeConversation(const std::string& path, const Conversation& conversation,
                                                   const PcapWriterOptions& options = {},
                                                   const MessageFormat* format = nullptr);

}  // namespace jitrig
