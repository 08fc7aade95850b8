#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

#include "protocol/wire/random_values.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_text.h"

// What must hold for every Value, tried on seeded random ones.
namespace jitrig::testing {
namespace {

constexpr std::uint64_t kSeeds = 3000;

template <class Check>
void forRandomValues(Check check) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SplitMix random(seed);
    const std::vector<Value> values = randomValues(random, 4, 8);
    ASSERT_NO_FATAL_FAILURE(check(values)) << "seed " << seed << ": " << toText(values);
  }
}

Message encoded(std::span<const Value> values) {
  Message message(100);
  addValues(message, values);
  return message;
}

std::vector<Value> decoded(const Message& message) {
  const auto parsed = Message::parse(message.serialize(), headOptions());
  EXPECT_TRUE(parsed) << toString(parsed.error());
  return parsed ? toValues(*parsed) : std::vector<Value>{};
}

void collectTypes(const DataPointRange& points, std::set<DataType>& seen) {
  for (const DataPoint point : points) {
    seen.insert(point.type());
    if (point.descriptor().isContainer()) collectTypes(point.elements(), seen);
  }
}

/// Offsets, sizes and contents of everything around the payloads.
TEST(Encoder, WritesOnlyCanonicalMessages) {
  std::set<DataType> seen;
  forRandomValues([&](const std::vector<Value>& values) {
    const Message message = encoded(values);
    ASSERT_EQ(notCanonical(message), "");
    ASSERT_EQ(message.size() % 4, 0U);
    ASSERT_EQ(message.numDataPoints(), values.size());
    collectTypes(message.dataPoints(), seen);
  });
  EXPECT_EQ(seen.size(), 11U);  // every type but ENUM occurred
}

TEST(Encoder, AlignsSixtyFourBitPayloadsWhereverTheyFall) {
  std::size_t with_filler = 0;
  std::size_t without_filler = 0;
  forRandomValues([&](const std::vector<Value>& values) {
    const Message message = encoded(values);
    for (const DataPoint point : message.dataPoints()) {
      const bool is_large_object = point.type() == DataType::OBJECT && point.payload().size() > 4;
      const bool is_large_vector =
          point.type() == DataType::SIMPLE_VECTOR && point.descriptor().element_size > 4;
      if (point.type() != DataType::UINT64 && point.type() != DataType::INT64 && !is_large_object &&
          !is_large_vector) {
        continue;
      }
      ASSERT_EQ(point.payloadOffset() % 8, 0U);
      ++(point.descriptor().data_offset == 4 ? with_filler : without_filler);
    }
  });
  EXPECT_GT(with_filler, 100U);
  EXPECT_GT(without_filler, 100U);
}

TEST(Encoder, ReachesAFixedPointAfterOneRound) {
  forRandomValues([](const std::vector<Value>& values) {
    const Message first = encoded(values);
    const std::vector<Value> canonical = decoded(first);
    const Message second = encoded(canonical);
    ASSERT_EQ(toHex(second.serialize()), toHex(first.serialize()));
    ASSERT_EQ(decoded(second), canonical);
  });
}

TEST(TextForm, OfAnyValueReadsBackAsTheSame) {
  forRandomValues([](const std::vector<Value>& values) {
    const auto all = parseValues(toText(values));
    ASSERT_TRUE(all) << toString(all.error());
    ASSERT_EQ(*all, values);
    for (const Value& value : values) {
      const auto one = parseValue(toText(value));
      ASSERT_TRUE(one) << toString(one.error());
      ASSERT_EQ(*one, value);
    }
  });
}

TEST(JsonForm, OfAnyValueReadsBackAsTheSame) {
  forRandomValues([](const std::vector<Value>& values) {
    std::string json;
    appendJson(json, values);
    const auto back = parseValuesJson(json);
    ASSERT_TRUE(back) << toString(back.error());
    ASSERT_EQ(*back, values);
  });
}

}  // namespace
}  // namespace jitrig::testing
