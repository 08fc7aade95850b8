#include "protocol/wire/args_raw.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/wire/allocation_watch.h"
#include "protocol/wire/golden_messages.h"
#include "protocol/wire/message_validation.h"
#include "protocol/wire/wire_testing.h"

// parseArgs and getArgs have a fast way for what a real peer writes, and MessageView::parse has one for what
// is plain. Whatever the bytes are, the result must be that of the slow way.
namespace jitrig::testing {
namespace {

template <std::size_t kSize>
using Struct = std::array<std::uint8_t, kSize>;

using Element = std::tuple<std::string, std::uint64_t, bool>;

/// Every kind of type, on both alignments.
using Everything =
    std::tuple<std::int32_t, std::uint64_t, bool, std::int64_t, std::uint32_t, void*, Struct<5>, Struct<16>,
               char, Void, std::string, double, std::vector<std::uint16_t>, std::vector<std::uint64_t>,
               std::vector<std::string>, std::vector<Element>, std::tuple<bool, std::tuple<std::uint64_t>>,
               std::vector<std::vector<std::uint32_t>>, std::vector<Struct<256>>, std::vector<std::uint8_t>>;
using EverythingInViews =
    std::tuple<std::int32_t, std::uint64_t, bool, std::int64_t, std::uint32_t, void*, Struct<5>, Struct<16>,
               char, Void, std::string_view, double, std::span<const std::uint16_t>,
               std::span<const std::uint64_t>, std::vector<std::string_view>,
               std::vector<std::tuple<std::string_view, std::uint64_t, bool>>,
               std::tuple<bool, std::tuple<std::uint64_t>>, std::vector<std::span<const std::uint32_t>>,
               std::vector<Struct<256>>, std::span<const std::uint8_t>>;

Everything everything() {
  return {-1,
          2,
          true,
          -3,
          4,
          nullptr,
          {1, 2, 3, 4, 5},
          {9, 8, 7},
          'c',
          {},
          "a string",
          0.5,
          {1, 2, 3},
          {4, 5},
          {"", "x", "abcd"},
          {{"k", 1, true}, {"key22", 2, false}},
          {true, {7}},
          {{1}, {}, {2, 3}},
          {{}},
          {}};
}

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, Void>) {
    return true;
  } else if constexpr (requires { std::tuple_size<T>::value; } && !requires { a.size(); }) {
    return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      return (same(std::get<kIndex>(a), std::get<kIndex>(b)) && ...);
    }(std::make_index_sequence<std::tuple_size_v<T>>{});
  } else if constexpr (requires {
                         a.begin();
                         a.size();
                       }) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& left, const auto& right) { return same(left, right); });
  } else {
    using Memory = std::array<std::byte, sizeof(T)>;  // a double may be no number
    return std::bit_cast<Memory>(a) == std::bit_cast<Memory>(b);
  }
}

bool same(const WireError& a, const WireError& b) {
  return a.code == b.code && a.offset == b.offset && std::string_view(a.field) == b.field &&
         a.found == b.found && a.expected == b.expected && std::string_view(a.hint) == b.hint;
}

template <class T>
std::string words(const Expected<T>& result) {
  return result ? "accepted" : toString(result.error());
}

/// The fast ways beside validateMessage and onRecv, neither of which has one.
template <class Tuple>
struct Ways;
template <class... T>
struct Ways<std::tuple<T...>> {
  static Expected<std::tuple<T...>> slow(std::span<const std::byte> bytes, const ParseOptions& options) {
    if (auto valid = validateMessage(bytes, options); !valid) return std::unexpected(valid.error());
    std::tuple<T...> values;
    const auto view = MessageView::parse(bytes, options);
    if (auto received = wire_detail::receiveStepByStep(*view, values); !received) {
      return std::unexpected(received.error());
    }
    return values;
  }

  static void expectSame(const Expected<std::tuple<T...>>& fast, const Expected<std::tuple<T...>>& expected) {
    ASSERT_EQ(fast.has_value(), expected.has_value()) << words(fast) << "\n" << words(expected);
    if (fast) {
      ASSERT_TRUE(same(*fast, *expected));
    } else {
      ASSERT_TRUE(same(fast.error(), expected.error())) << words(fast) << "\n" << words(expected);
    }
  }

  static void expectAgreement(std::span<const std::byte> bytes, const ParseOptions& options = headOptions()) {
    const auto expected = slow(bytes, options);
    ASSERT_NO_FATAL_FAILURE(expectSame(parseArgs<T...>(bytes, options), expected));

    std::tuple<T...> kept;
    auto parsed = parseArgs(bytes, options, kept);
    ASSERT_NO_FATAL_FAILURE(
        expectSame(parsed ? Expected<std::tuple<T...>>(kept) : std::unexpected(parsed.error()), expected));

    const auto valid = validateMessage(bytes, options);
    const auto view = MessageView::parse(bytes, options);
    ASSERT_EQ(view.has_value(), valid.has_value()) << words(view) << "\n" << words(valid);
    if (!view) {
      ASSERT_TRUE(same(view.error(), valid.error())) << words(view) << "\n" << words(valid);
      return;
    }
    ASSERT_NO_FATAL_FAILURE(expectSame(getArgs<T...>(*view), expected));
  }
};

Bytes bytesWith(const Everything& values) {
  Message message(100);
  std::apply([&](const auto&... value) { setArgs(message, value...); }, values);
  return bytesOf(message.serialize());
}

void storeSize(Bytes& bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data(), &size, sizeof size);
}

TEST(ParseArgs, ReadsEverythingInOnePass) {
  const Bytes bytes = bytesWith(everything());
  EXPECT_TRUE(isPlainMessage(bytes, headOptions()));
  Everything values;
  EXPECT_TRUE(wire_detail::matchBytes(bytes, headOptions(), values));
  EXPECT_TRUE(same(values, everything()));
  EverythingInViews views;
  EXPECT_TRUE(wire_detail::matchBytes(bytes, headOptions(), views));
  EXPECT_EQ(std::get<10>(views), "a string");
  EXPECT_THAT(std::get<13>(views), ::testing::ElementsAre(4, 5));
}

TEST(ParseArgs, AgreesWithTheSlowWayWhateverAByteIsChangedTo) {
  Bytes bytes = bytesWith(everything());
  for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
    const std::byte original = bytes[offset];
    for (unsigned change = 1; change <= 255; change += kByteChangeStep) {
      bytes[offset] = original ^ static_cast<std::byte>(change);
      // Both kinds of results, but not for each value: this is most of the room's test time.
      if (change % 8 == 1 || change < 16) {
        ASSERT_NO_FATAL_FAILURE(Ways<EverythingInViews>::expectAgreement(bytes))
            << "offset " << offset << ", changed by " << change;
      } else {
        ASSERT_EQ(MessageView::parse(bytes, headOptions()).has_value(),
                  validateMessage(bytes, headOptions()).has_value());
      }
    }
    bytes[offset] = std::byte{0xff};
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes)) << "offset " << offset;
    bytes[offset] = original;
  }
}

TEST(ParseArgs, AgreesWithTheSlowWayWhereverBytesAreMissingOrTooMany) {
  const Bytes whole = bytesWith(everything());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes)) << size;
    if (size < 4) continue;
    storeSize(bytes);
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes)) << size;
  }
  for (std::size_t offset = Message::kHeaderSize; offset <= whole.size(); offset += 4) {
    for (const int change : {-4, 4}) {
      if (change < 0 && offset == whole.size()) continue;
      Bytes bytes = whole;
      const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
      if (change < 0) {
        bytes.erase(place, place + 4);
      } else {
        bytes.insert(place, 4, std::byte{0});
      }
      storeSize(bytes);
      ASSERT_NO_FATAL_FAILURE(Ways<EverythingInViews>::expectAgreement(bytes)) << offset << " " << change;
    }
  }
}

TEST(ParseArgs, AgreesWithTheSlowWayAfterSeveralChanges) {
  const Bytes whole = bytesWith(everything());
  SplitMix random(20261121);
  for (int round = 0; round < 20000 / static_cast<int>(kByteChangeStep); ++round) {
    Bytes bytes = whole;
    for (std::size_t change = 1 + random.below(4); change > 0; --change) {
      const std::size_t offset = random.below(bytes.size() / 4) * 4 + random.below(4);
      bytes[offset] = static_cast<std::byte>(random.below(2) == 0 ? random.below(16) : random.below(256));
    }
    storeSize(bytes);
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes)) << round;
  }
}

TEST(ParseArgs, AgreesWithTheSlowWayForGoldensOfOtherTypes) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<Void>>::expectAgreement(golden.bytes));
    ASSERT_NO_FATAL_FAILURE((Ways<std::tuple<std::uint32_t, std::uint64_t>>::expectAgreement(golden.bytes)));
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<std::string_view>>::expectAgreement(golden.bytes));
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<std::vector<std::uint32_t>>>::expectAgreement(golden.bytes));
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<std::vector<std::string>>>::expectAgreement(golden.bytes));
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<std::vector<Element>>>::expectAgreement(golden.bytes));
  }
}

TEST(ParseArgs, AgreesWithTheSlowWayAtEveryLimit) {
  const Bytes bytes = bytesWith(everything());
  for (const std::size_t limit : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 300U, 1000U}) {
    ParseOptions options = headOptions();
    options.limits.max_nesting = limit;
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes, options)) << "nesting " << limit;
    options = headOptions();
    options.limits.max_vector_length = limit;
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes, options)) << "vector length " << limit;
  }
  for (const std::size_t limit : {std::size_t{16}, bytes.size() - 4, bytes.size(), std::size_t{1} << 31U}) {
    ParseOptions options = headOptions();
    options.limits.max_message_size_bytes = limit;
    ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes, options)) << "size " << limit;
  }
  ParseOptions options = headOptions();
  options.bodyless.numbers = {7, 100};  // the message's own number
  ASSERT_NO_FATAL_FAILURE(Ways<Everything>::expectAgreement(bytes, options));
  EXPECT_FALSE(MessageView::parse(bytes, options));
}

TEST(ParseArgs, AgreesWithTheSlowWayOnDeepNesting) {
  for (std::size_t depth = 1; depth <= 70; ++depth) {
    Message message(100);
    std::vector<std::size_t> open;
    for (std::size_t level = 0; level < depth; ++level) open.push_back(message.openTuple());
    for (; !open.empty(); open.pop_back()) message.closeContainer(open.back());
    ASSERT_NO_FATAL_FAILURE(Ways<std::tuple<std::tuple<bool>>>::expectAgreement(message.serialize()))
        << depth;
  }
}

TEST(ParseArgs, RecognisesForeignProtocolsAtAnyLimit) {
  ParseOptions options;
  options.limits.max_message_size_bytes = ~std::size_t{0};
  for (const std::string_view first :
       {"POST", "HEAD", "DELE", "TRAC", "PRI ", "GET ", "\r\n\r\n", "\x16\x03\x01\x02"}) {
    Bytes bytes = bytesOf(std::as_bytes(std::span(first)));
    bytes.resize(64);
    const auto parsed = parseArgs<bool>(bytes, options);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, WireErrc::foreignProtocol) << first;
  }
}

TEST(ParseArgs, AViewOfMisalignedBytesIsRefusedByEitherWay) {
  Message message(100);
  setArgs(message, std::vector<std::uint64_t>{4, 5});
  alignas(8) std::array<std::byte, 128> storage{};
  const std::span bytes = std::span(storage).subspan(4, message.serialize().size());
  std::ranges::copy(message.serialize(), bytes.begin());
  std::tuple<std::span<const std::uint64_t>> view;
  const auto parsed = parseArgs(bytes, {}, view);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, WireErrc::misalignedView);
  const auto got = getArgs(MessageView::parse(bytes, {}).value(), view);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, WireErrc::misalignedView);
  EXPECT_TRUE(parseArgs<std::vector<std::uint64_t>>(bytes, {})) << "copied, it need not be aligned";
}

TEST(ParseArgs, AllocatesNothingForViewsAndForResultsThatAreUsedAgain) {
  const Bytes bytes = bytesWith(everything());
  EverythingInViews views;
  Everything values;
  ASSERT_TRUE(parseArgs(bytes, headOptions(), views));
  ASSERT_TRUE(parseArgs(bytes, headOptions(), values));
  const AllocationWatch watch;
  ASSERT_TRUE(parseArgs(bytes, headOptions(), views));
  ASSERT_TRUE(parseArgs(bytes, headOptions(), values));
  const auto view = MessageView::parse(bytes, headOptions());
  ASSERT_TRUE(view && getArgs(*view, views));
  EXPECT_EQ(watch.totalBytes(), 0U);
}

TEST(ParseArgs, DoesNotCopyCode) {
  Message message(100);
  setArgs(message, std::string(65536, 'c'), std::uint32_t{1});
  const AllocationWatch watch;
  const auto values = parseArgs<std::string_view, std::uint32_t>(message.serialize(), headOptions());
  ASSERT_TRUE(values);
  EXPECT_EQ(static_cast<const void*>(std::get<0>(*values).data()), message.serialize().data() + 24);
  EXPECT_EQ(watch.totalBytes(), 0U);
}

TEST(SetArgs, AllocatesNothingInAMessageThatIsUsedAgain) {
  const Everything values = everything();
  const auto write = [&](Message& message) {
    message.start(100);
    std::apply([&](const auto&... value) { setArgs(message, value...); }, values);
  };
  Message message;
  write(message);
  const Bytes first = bytesOf(message.serialize());
  const AllocationWatch watch;
  write(message);
  EXPECT_EQ(watch.totalBytes(), 0U);
  EXPECT_EQ(bytesOf(message.serialize()), first);
}

TEST(SetArgs, WritesTheSameWhereverItBegins) {
  // Behind nothing, behind one data point (the other alignment), in a container, and in storage that is
  // dirty.
  const Everything values = everything();
  Message alone(100);
  std::apply([&](const auto&... value) { setArgs(alone, value...); }, values);
  EXPECT_EQ(notCanonical(alone), "");
  Message shifted(100);
  setArgs(shifted, std::int32_t{1});
  std::apply([&](const auto&... value) { setArgs(shifted, value...); }, values);
  EXPECT_EQ(notCanonical(shifted), "");
  EXPECT_EQ(shifted.numDataPoints(), 1 + std::tuple_size_v<Everything>);
  Message nested(100);
  const std::size_t tuple = nested.openTuple();
  std::apply([&](const auto&... value) { setArgs(nested, value...); }, values);
  nested.closeContainer(tuple);
  EXPECT_EQ(notCanonical(nested), "");
  EXPECT_EQ(nested.numDataPoints(), 1);
  EXPECT_TRUE(same(std::get<0>(*getArgs<Everything>(nested)), values));

  for (const bool shift : {false, true}) {
    Message dirty(100);
    setArgs(dirty, std::string(4000, '\xff'));
    dirty.start(100);
    if (shift) setArgs(dirty, std::int32_t{1});
    std::apply([&](const auto&... value) { setArgs(dirty, value...); }, values);
    EXPECT_EQ(notCanonical(dirty), "");
    EXPECT_EQ(bytesOf(dirty.serialize()), bytesOf((shift ? shifted : alone).serialize()));
  }
}

TEST(SetArgs, ThatWouldBeTooMuchChangesNothing) {
  Message message(100);
  for (int count = 0; count < 65534; ++count) setArgs(message, std::string());
  const Bytes before = bytesOf(message.serialize());
  EXPECT_THROW(setArgs(message, true, false), std::length_error);
  EXPECT_EQ(bytesOf(message.serialize()), before);
  setArgs(message, true);
  EXPECT_EQ(message.numDataPoints(), 65535);
  EXPECT_TRUE(Message::parse(message.serialize(), {}));

  Message small(100);
  EXPECT_FALSE(small.beginsWithRoomFor(std::size_t{1} << 32U));
  EXPECT_THROW((void)small.beginDataPoints(1, std::size_t{1} << 32U), std::length_error);
  EXPECT_THROW((void)small.beginDataPoints(1, ~std::size_t{0}), std::length_error);
  EXPECT_EQ(bytesOf(small.serialize()), bytesOf(Message(100).serialize()));
}

}  // namespace
}  // namespace jitrig::testing
