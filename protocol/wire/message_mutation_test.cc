#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/wire/golden_messages.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_text.h"

// Whatever a peer changes in a message: it is refused with a place inside the message, or read as something
// whose encoding is canonical and stays as it is.
namespace jitrig::testing {
namespace {

Message encoded(const Message& source) {
  Message message(source.type());
  message.setVersion(source.version(), source.config());
  addValues(message, toValues(source));
  return message;
}

void expectCanonicalFixedPoint(const Message& received) {
  const Message first = encoded(received);
  ASSERT_EQ(notCanonical(first), "");
  const auto decoded = Message::parse(first.serialize(), headOptions());
  ASSERT_TRUE(decoded) << toString(decoded.error());
  ASSERT_EQ(toHex(encoded(*decoded).serialize()), toHex(first.serialize()));
}

struct Outcome {
  std::size_t accepted = 0;
  std::size_t refused = 0;
};

void expectHandled(const Bytes& bytes, Outcome& outcome) {
  const auto received = Message::parse(bytes, headOptions());
  if (!received) {
    ++outcome.refused;
    ASSERT_LT(received.error().offset, bytes.size()) << toString(received.error());
    ASSERT_STRNE(received.error().field, "");
    return;
  }
  ++outcome.accepted;
  ASSERT_NO_FATAL_FAILURE(expectCanonicalFixedPoint(*received));
}

TEST(Mutation, OfEachByteToEachValueIsReadOrRefused) {
  Outcome outcome;
  for (const Golden& golden : goldens()) {
    if (golden.bytes.size() > 120) continue;
    SCOPED_TRACE(golden.name);
    Bytes bytes = golden.bytes;
    for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
      const std::byte original = bytes[offset];
      for (unsigned change = 1; change <= 255; change += kByteChangeStep) {
        bytes[offset] = original ^ static_cast<std::byte>(change);
        ASSERT_NO_FATAL_FAILURE(expectHandled(bytes, outcome))
            << "offset " << offset << ", changed by " << change;
      }
      bytes[offset] = original;
    }
  }
  EXPECT_GT(outcome.accepted, 10000U / kByteChangeStep);
  EXPECT_GT(outcome.refused, 10000U / kByteChangeStep);
}

TEST(Mutation, OfDescriptorsInLargeMessagesIsReadOrRefused) {
  Outcome outcome;
  for (const Golden& golden : goldens()) {
    if (golden.bytes.size() <= 120 || golden.bytes.size() > 7000) continue;
    SCOPED_TRACE(golden.name);
    Bytes bytes = golden.bytes;
    std::size_t tried = 0;
    for (const Golden::Descriptor& descriptor : golden.descriptors) {
      if (++tried > 40) break;
      for (std::size_t offset = descriptor.offset; offset < descriptor.offset + 8; ++offset) {
        const std::byte original = bytes[offset];
        for (const unsigned change : {1U, 2U, 4U, 8U, 0x80U, 0xffU}) {
          bytes[offset] = original ^ static_cast<std::byte>(change);
          ASSERT_NO_FATAL_FAILURE(expectHandled(bytes, outcome))
              << "offset " << offset << ", changed by " << change;
        }
        bytes[offset] = original;
      }
    }
  }
  EXPECT_GT(outcome.accepted, 100U);
  EXPECT_GT(outcome.refused, 1000U);
}

TEST(Mutation, OfSeveralBytesAtOnceIsReadOrRefused) {
  Outcome outcome;
  SplitMix random(20260801);
  for (const Golden& golden : goldens()) {
    if (golden.bytes.size() > 2000 || golden.descriptors.empty()) continue;
    for (int round = 0; round < 200; ++round) {
      Bytes bytes = golden.bytes;
      for (std::size_t change = 1 + random.below(4); change > 0; --change) {
        const auto& descriptor = golden.descriptors[random.below(golden.descriptors.size())];
        bytes[descriptor.offset + random.below(12) % (bytes.size() - descriptor.offset)] =
            static_cast<std::byte>(random.below(2) == 0 ? random.below(16) : random.below(256));
      }
      ASSERT_NO_FATAL_FAILURE(expectHandled(bytes, outcome)) << golden.name << ", round " << round;
    }
  }
  EXPECT_GT(outcome.accepted, 100U);
  EXPECT_GT(outcome.refused, 1000U);
}

/// The text and JSON forms under the same treatment: never a crash, and what is read can be written.
template <class Parse, class Write>
void mutateTexts(Parse parse, Write write) {
  SplitMix random(7);
  constexpr std::string_view kInteresting = "(){}[],:\"\\ 0129-.eExunt";
  std::size_t refused = 0;
  for (const Golden& golden : goldens()) {
    const std::string original = write(golden.args);
    if (original.size() > 3000 || original.empty()) continue;
    for (int round = 0; round < 300; ++round) {
      std::string text = original;
      const std::size_t offset = random.below(text.size());
      if (random.below(4) == 0) text.resize(offset);
      if (offset < text.size()) {
        text[offset] = random.below(3) == 0 ? static_cast<char>(random.below(256))
                                            : kInteresting[random.below(kInteresting.size())];
      }
      const auto values = parse(text);
      if (!values) {
        ++refused;
        ASSERT_LE(values.error().offset, text.size()) << text;
        ASSERT_NE(values.error().message, "") << text;
        continue;
      }
      const auto again = parse(write(*values));
      ASSERT_TRUE(again) << text;
      ASSERT_EQ(*again, *values) << text;
    }
  }
  EXPECT_GT(refused, 1000U);
}

TEST(Mutation, OfTheTextFormIsReadOrRefused) {
  mutateTexts([](const std::string& text) { return parseValues(text); },
              [](std::span<const Value> values) { return toText(values); });
}

TEST(Mutation, OfTheJsonFormIsReadOrRefused) {
  mutateTexts([](const std::string& text) { return parseValuesJson(text); },
              [](std::span<const Value> values) {
                std::string json;
                appendJson(json, values);
                return json;
              });
}

}  // namespace
}  // namespace jitrig::testing
