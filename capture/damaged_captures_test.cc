#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "capture/conversation.h"
#include "capture/message_test_support.h"
#include "protocol/runtime/random_stream.h"

// A real capture, damaged at random with fixed seeds: whatever comes out, every byte of it stands in a
// message that was parsed, and what is missing has a warning. The sanitizers watch for the rest.
namespace jitrig {
namespace {

using test::headTable;
using test::TemporaryFile;

std::vector<std::byte> realCapture() {
  std::ifstream in(JITRIG_SOURCE_DIR "/testdata/captures/fin_mid_compile.pcap", std::ios::binary);
  return test::bytesOf(std::string(std::istreambuf_iterator<char>(in), {}));
}

/// The capture's packets with their record headers.
std::vector<std::vector<std::byte>> recordsOf(const std::vector<std::byte>& file) {
  std::vector<std::vector<std::byte>> records;
  for (std::size_t offset = 24; offset < file.size();) {
    const std::size_t size = 16 + std::to_integer<std::size_t>(file[offset + 8]) +
                             std::to_integer<std::size_t>(file[offset + 9]) * 256 +
                             std::to_integer<std::size_t>(file[offset + 10]) * 65536;
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(offset);
    records.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
    offset += size;
  }
  return records;
}

std::vector<std::byte> withRecords(const std::vector<std::byte>& file,
                                   const std::vector<std::vector<std::byte>>& records) {
  std::vector<std::byte> result(file.begin(), file.begin() + 24);
  for (const auto& record : records) result.insert(result.end(), record.begin(), record.end());
  return result;
}

Conversation conversationOf(const std::vector<std::byte>& bytes) {
  const TemporaryFile file;
  file.write(bytes);
  const auto capture = readCaptureFile(file.path());
  EXPECT_TRUE(capture) << capture.error();
  return capture ? conversationFromCapture(*capture, headTable()) : Conversation{};
}

/// Each message as one string, so that conversations can be compared.
std::vector<std::string> messagesOf(const Conversation& conversation) {
  std::vector<std::string> result;
  for (const ConversationMessage& each : conversation.messages) {
    result.push_back(std::to_string(each.connection) + std::string(toString(each.direction)) +
                     test::textOf(each.message.serialize()));
  }
  return result;
}

TEST(DamagedCaptures, RepeatedPacketsGiveTheSameMessages) {
  const auto file = realCapture();
  const auto whole = messagesOf(conversationOf(file));
  ASSERT_EQ(whole.size(), 146U);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomStream random(seed);
    auto records = recordsOf(file);
    // The handshakes stay in their places: what belongs to which connection hangs on them.
    for (std::size_t i = 10; i + 1 < records.size(); ++i) {
      if (!random.chance(1, 5)) continue;
      const std::size_t later = std::min(i + 1 + random.below(6), records.size());
      records.insert(records.begin() + static_cast<std::ptrdiff_t>(later),
                     std::vector<std::byte>(records[i]));
    }
    const Conversation conversation = conversationOf(withRecords(file, records));
    EXPECT_EQ(messagesOf(conversation), whole) << "seed " << seed;
    EXPECT_TRUE(allWarnings(conversation).empty()) << "seed " << seed;
  }
}

TEST(DamagedCaptures, LostPacketsLeaveOnlyTrueMessagesAndAWarning) {
  const auto file = realCapture();
  auto whole = messagesOf(conversationOf(file));
  std::ranges::sort(whole);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random(seed);
    auto records = recordsOf(file);
    for (std::uint64_t i = 0; i <= random.below(3); ++i) {
      records.erase(records.begin() + static_cast<std::ptrdiff_t>(3 + random.below(records.size() - 3)));
    }
    const Conversation conversation = conversationOf(withRecords(file, records));
    auto messages = messagesOf(conversation);
    std::ranges::sort(messages);
    EXPECT_TRUE(std::ranges::includes(whole, messages)) << "seed " << seed;
    if (messages.size() < whole.size()) {
      EXPECT_FALSE(allWarnings(conversation).empty()) << "seed " << seed;
    }
  }
}

TEST(DamagedCaptures, ChangedBytesAreSurvived) {
  const auto file = realCapture();
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random(seed);
    auto bytes = file;
    for (std::uint64_t i = 0; i <= random.below(8); ++i) {
      const std::size_t offset = 24 + random.below(bytes.size() - 24);
      bytes[offset] = static_cast<std::byte>(random.below(256));
    }
    const Conversation conversation = conversationOf(bytes);
    for (const ConversationMessage& each : conversation.messages) {
      EXPECT_LT(each.connection, conversation.connections.size());
      EXPECT_GE(each.message.size(), Message::kHeaderSize);
    }
  }
}

// Up to the last packet of the first connection.
TEST(DamagedCaptures, ACaptureThatBeganLaterStillTellsTheSides) {
  const auto file = realCapture();
  const auto records = recordsOf(file);
  const auto whole = messagesOf(conversationOf(file));
  for (std::size_t begin = 4; begin < 50; ++begin) {
    const std::vector<std::vector<std::byte>> rest(records.begin() + static_cast<std::ptrdiff_t>(begin),
                                                   records.end());
    const Conversation conversation = conversationOf(withRecords(file, rest));
    const auto messages = messagesOf(conversation);
    EXPECT_GT(messages.size(), 100U - begin);
    // Without its beginning the file holds a tail of the whole conversation, with the same sides.
    for (std::size_t i = 1; i <= messages.size(); ++i) {
      EXPECT_EQ(messages[messages.size() - i], whole[whole.size() - i])
          << "without the first " << begin << " packets";
    }
  }
}

}  // namespace
}  // namespace jitrig
