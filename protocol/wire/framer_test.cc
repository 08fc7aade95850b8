#include "protocol/wire/framer.h"

#include <algorithm>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/golden_messages.h"

namespace jitrig::testing {
namespace {

using Messages = std::vector<std::string>;

/// Takes out every whole message, in hex.
void takeAll(Framer& framer, Messages& out) {
  MessageBuffer buffer;
  while (true) {
    const auto whole = framer.next(buffer);
    ASSERT_TRUE(whole) << toString(whole.error());
    if (!*whole) return;
    out.push_back(toHex(buffer.bytes()));
  }
}

/// Feeds the stream in chunks of these sizes, the last one repeated, and takes messages out behind each.
Messages framed(std::span<const std::byte> stream, const std::vector<std::size_t>& chunk_sizes) {
  Framer framer;
  Messages messages;
  std::size_t position = 0;
  for (std::size_t chunk = 0; position < stream.size(); ++chunk) {
    const std::size_t size =
        std::min(chunk_sizes[std::min(chunk, chunk_sizes.size() - 1)], stream.size() - position);
    framer.append(stream.subspan(position, size));
    position += size;
    takeAll(framer, messages);
  }
  EXPECT_EQ(framer.bufferedBytes(), 0U);
  return messages;
}

struct Stream {
  Bytes bytes;
  Messages messages;

  void add(const Golden& golden) {
    bytes.insert(bytes.end(), golden.bytes.begin(), golden.bytes.end());
    messages.push_back(toHex(golden.bytes));
  }
};

Stream allGoldens() {
  Stream stream;
  for (const Golden& golden : goldens()) stream.add(golden);
  return stream;
}

/// Small ones, so that every cut can be tried.
Stream shortStream() {
  Stream stream;
  for (const char* name : {"int32_neg", "compilationInterrupted_fresh_stream", "string_0", "vec_string",
                           "tuple_flat", "connectionTerminate_fresh_stream", "align_u32_u64"}) {
    stream.add(golden(name));
  }
  return stream;
}

WireError errorOf(std::span<const std::byte> bytes, const WireLimits& limits = {}) {
  Framer framer(limits);
  framer.append(bytes);
  MessageBuffer buffer;
  const auto whole = framer.next(buffer);
  EXPECT_FALSE(whole);
  return whole ? WireError{} : whole.error();
}

WireError errorOf(std::string_view text) {
  return errorOf(std::as_bytes(std::span(text)));
}

Bytes sizeField(std::uint32_t size) {
  Bytes bytes(4);
  std::memcpy(bytes.data(), &size, sizeof size);
  return bytes;
}

TEST(Framer, YieldsManyMessagesFromOneChunk) {
  const Stream stream = allGoldens();
  EXPECT_EQ(framed(stream.bytes, {stream.bytes.size()}), stream.messages);
}

TEST(Framer, YieldsTheSameByteByByte) {
  const Stream stream = allGoldens();
  EXPECT_EQ(framed(stream.bytes, {1}), stream.messages);
}

TEST(Framer, YieldsTheSameForEverySplitInTwo) {
  const Stream stream = shortStream();
  for (std::size_t cut = 1; cut < stream.bytes.size(); ++cut) {
    ASSERT_EQ(framed(stream.bytes, {cut, stream.bytes.size()}), stream.messages) << "cut at " << cut;
  }
}

TEST(Framer, YieldsTheSameForEveryChunkSize) {
  const Stream stream = shortStream();
  for (std::size_t size = 1; size <= stream.bytes.size(); ++size) {
    ASSERT_EQ(framed(stream.bytes, {size}), stream.messages) << "chunks of " << size;
  }
}

TEST(Framer, YieldsTheSameForRandomSplits) {
  const Stream stream = allGoldens();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SplitMix random(seed);
    const std::size_t largest = std::size_t{1} << (1 + random.below(15));
    std::vector<std::size_t> sizes;
    for (int chunk = 0; chunk < 100000; ++chunk) sizes.push_back(1 + random.below(largest));
    ASSERT_EQ(framed(stream.bytes, sizes), stream.messages) << "seed " << seed;
  }
}

TEST(Framer, IsFilledInPlaceByReads) {
  const Stream stream = allGoldens();
  Framer framer;
  Messages messages;
  std::span<const std::byte> rest = stream.bytes;
  while (!rest.empty()) {
    const std::span<std::byte> room = framer.writable();
    ASSERT_FALSE(room.empty());
    const std::size_t count = std::min(room.size(), rest.size());
    std::memcpy(room.data(), rest.data(), count);
    framer.commit(count);
    rest = rest.subspan(count);
    takeAll(framer, messages);
  }
  EXPECT_EQ(messages, stream.messages);
}

TEST(Framer, NeverYieldsATruncatedMessage) {
  for (const Golden& golden : goldens()) {
    Framer framer;
    MessageBuffer buffer;
    for (std::size_t length = 0; length + 1 < golden.bytes.size(); ++length) {
      framer.append(std::span(golden.bytes).subspan(length, 1));
      const auto whole = framer.next(buffer);
      ASSERT_TRUE(whole) << golden.name << " after " << length << ": " << toString(whole.error());
      ASSERT_FALSE(*whole) << golden.name << " after " << length;
      ASSERT_EQ(framer.bufferedBytes(), length + 1);
    }
  }
}

TEST(Framer, KeepsTheSurplusForTheNextMessage) {
  const Bytes& first = golden("string_40000_growth").bytes;
  const Bytes& second = golden("vec_tuple_growth_inside").bytes;
  Framer framer;
  framer.append(first);
  framer.append(std::span(second).first(100));
  MessageBuffer buffer;
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_EQ(toHex(buffer.bytes()), toHex(first));
  EXPECT_EQ(framer.bufferedBytes(), 100U);
  EXPECT_FALSE(framer.next(buffer).value());
  framer.append(std::span(second).subspan(100));
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_EQ(toHex(buffer.bytes()), toHex(second));
}

TEST(Framer, ReusesTheBufferThatItIsGiven) {
  const Bytes& bytes = golden("vec_string").bytes;
  Framer framer;
  MessageBuffer buffer(golden("string_40000_growth").bytes);
  framer.append(bytes);
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_EQ(toHex(buffer.bytes()), toHex(bytes));
}

TEST(Framer, SaysWhatTheSizeFieldAnnouncesOnceItIsThere) {
  const Bytes& bytes = golden("vec_string").bytes;
  Framer framer;
  for (std::size_t length = 1; length <= 3; ++length) {
    framer.append(std::span(bytes).subspan(length - 1, 1));
    EXPECT_EQ(framer.announced().value(), std::nullopt);
  }
  framer.append(std::span(bytes).subspan(3, 1));
  EXPECT_EQ(framer.announced().value(), bytes.size());
}

TEST(Framer, RefusesSizesThatHoldNoHeader) {
  for (std::uint32_t size = 0; size < 16; ++size) {
    const WireError error = errorOf(sizeField(size));
    EXPECT_EQ(error.code, WireErrc::messageTooSmall) << size;
    EXPECT_EQ(error.offset, 0U);
    EXPECT_STREQ(error.field, "message size");
    EXPECT_EQ(error.found, size);
    EXPECT_EQ(error.expected, 16U);
  }
}

TEST(Framer, RefusesSizesBeyondTheLimitAndNamesIt) {
  const WireLimits limits{.max_message_size_bytes = 1000};
  EXPECT_EQ(errorOf(sizeField(1004), limits).code, WireErrc::messageTooLarge);
  EXPECT_EQ(errorOf(sizeField(1004), limits).expected, 1000U);
  Framer at_the_limit(limits);
  at_the_limit.append(sizeField(1000));
  EXPECT_EQ(at_the_limit.announced().value(), 1000U);
  EXPECT_EQ(errorOf(sizeField((64U << 20U) + 4)).code, WireErrc::messageTooLarge);
  EXPECT_EQ(errorOf(sizeField(0xfffffffcU)).code, WireErrc::messageTooLarge);
}

TEST(Framer, RefusesSizesThatNoMessageCanHave) {
  EXPECT_EQ(errorOf(sizeField(17)).code, WireErrc::sizeNotAligned);
  EXPECT_EQ(errorOf(sizeField(1002)).code, WireErrc::sizeNotAligned);
  EXPECT_THAT(errorOf(sizeField(1399)).hint, ::testing::HasSubstr("JITaaS")) << "its sizes are of any kind";
}

TEST(Framer, NamesOtherProtocolsByTheirFirstBytes) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\n"sv, "POST /metrics"sv, "HEAD / "sv, "PUT /x"sv, "OPTIONS *"sv, "DELETE /"sv,
        "CONNECT a:1"sv, "PATCH /"sv, "TRACE /"sv, "HTTP/1.1 400"sv, "PRI * HTTP/2.0"sv}) {
    EXPECT_EQ(errorOf(text).code, WireErrc::foreignProtocol) << text;
    EXPECT_STREQ(errorOf(text).hint, "this is HTTP") << text;
  }
  EXPECT_STREQ(errorOf("PROXY TCP4 1.2.3.4"sv).hint, "this is a PROXY protocol header");
  EXPECT_STREQ(errorOf("\r\n\r\n\0\r\nQUIT\n"sv).hint, "this is a PROXY protocol header");
  EXPECT_STREQ(errorOf("SSH-2.0-OpenSSH"sv).hint, "this is SSH");
  EXPECT_STREQ(errorOf("\x16\x03\x01\x02\x00\x01"sv).hint, "this is a TLS handshake");
  EXPECT_STREQ(errorOf("\x15\x03\x03\x00\x02\x02"sv).hint, "this is a TLS alert");
}

TEST(Framer, RecognisesBigEndianPeersByTheirSize) {
  Bytes bytes = fromHex("0000001c");
  const WireError error = errorOf(bytes);
  EXPECT_EQ(error.code, WireErrc::bigEndianPeer);
  EXPECT_EQ(error.expected, 28U);
  EXPECT_STREQ(error.hint, "");
}

TEST(Framer, SaysThatABigEndianPeerMayBeAGrpcServer) {
  const WireError error = errorOf(fromHex("000018040000000000"));
  EXPECT_EQ(error.code, WireErrc::bigEndianPeer);
  EXPECT_THAT(error.hint, ::testing::HasSubstr("gRPC"));
}

TEST(Framer, RecognisesBigEndianPeersByTheirVersionWhereTheSizePasses) {
  // 65,536 bytes of a big-endian peer read as 256 here.
  const WireError error = errorOf(fromHex("0001000001006900"));
  EXPECT_EQ(error.code, WireErrc::bigEndianPeer);
  EXPECT_EQ(error.offset, 4U);
  EXPECT_STREQ(error.field, "version");
}

TEST(Framer, StaysBrokenOnceItHasRefused) {
  Framer framer;
  framer.append(sizeField(3));
  MessageBuffer buffer;
  ASSERT_FALSE(framer.next(buffer));
  framer.append(golden("int32_neg").bytes);
  const auto again = framer.next(buffer);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, WireErrc::messageTooSmall);
}

TEST(Framer, RefusesAsSoonAsTheSizeFieldIsThere) {
  Framer framer;
  MessageBuffer buffer;
  const Bytes bytes = sizeField(5);
  for (std::size_t length = 0; length < 3; ++length) {
    framer.append(std::span(bytes).subspan(length, 1));
    EXPECT_FALSE(framer.next(buffer).value());
  }
  framer.append(std::span(bytes).subspan(3));
  EXPECT_FALSE(framer.next(buffer));
}

TEST(Framer, DoesNotAllocateWhatIsOnlyAnnounced) {
  Framer framer;
  framer.append(sizeField(64U << 20U));
  framer.append(Bytes(96));
  MessageBuffer buffer;
  ASSERT_FALSE(framer.next(buffer).value());
  EXPECT_EQ(framer.bufferedBytes(), 100U);
  EXPECT_LE(framer.writable().size(), 4096U);
}

TEST(Framer, GrowsToNoMoreThanTwiceWhatHasArrived) {
  Framer framer;
  framer.append(sizeField(64U << 20U));
  MessageBuffer buffer;
  while (framer.bufferedBytes() < 1000000) {
    const std::span<std::byte> room = framer.writable();
    const std::size_t arrived = framer.bufferedBytes();
    ASSERT_LE(arrived + room.size(), std::max<std::size_t>(4096, 2 * arrived));
    std::memset(room.data(), 0, room.size());
    framer.commit(room.size());
    ASSERT_FALSE(framer.next(buffer).value());
  }
}

TEST(Framer, DoesNotKeepTheSizeOfOneLargeMessage) {
  const Bytes& large = golden("string_40000_growth").bytes;
  Framer framer;
  framer.append(large);
  MessageBuffer buffer;
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_LE(framer.writable().size(), 4096U);
}

TEST(Framer, GivesItsStorageBackWhenNothingIsBuffered) {
  Framer framer;
  EXPECT_EQ(framer.capacity(), 0U);
  const Bytes bytes = RawMessage(1).count(5).bytes();
  framer.append(std::span(bytes).first(20));
  framer.releaseStorage();
  EXPECT_EQ(framer.bufferedBytes(), 20U);  // part of a message stays
  framer.append(std::span(bytes).subspan(20));
  MessageBuffer buffer;
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_EQ(bytesOf(buffer.bytes()), bytes);
  EXPECT_GT(framer.capacity(), 0U);
  framer.releaseStorage();
  EXPECT_EQ(framer.capacity(), 0U);
  framer.append(bytes);
  ASSERT_TRUE(framer.next(buffer).value());
  EXPECT_EQ(bytesOf(buffer.bytes()), bytes);
}

}  // namespace
}  // namespace jitrig::testing
