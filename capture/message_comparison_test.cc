#include "capture/message_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/wire/args_raw.h"

namespace jitrig {
namespace {

using ::testing::HasSubstr;

class MessageComparisonTest : public ::testing::Test {
 public:
  std::uint16_t number(std::string_view name) const { return dialect->table->numberOf(name).value(); }

  template <class... T>
  static Message message(std::uint16_t type, const T&... args) {
    Message result(type);
    setArgs(result, args...);
    return result;
  }

  Message request(std::uint64_t client_uid, std::uint32_t sequence, std::uint32_t critical,
                  bool method) const {
    return message(dialect->compilation_request, client_uid, sequence, critical, method);
  }

  std::optional<std::string> compare(const Message& recorded, const Message& received,
                                     const ComparisonRules& rules = {}) const {
    return compareMessages(recorded, received, *dialect, rules);
  }

  std::shared_ptr<const Dialect> dialect = defaultDialect();
};

TEST_F(MessageComparisonTest, EqualMessagesDoNotDiffer) {
  const Message query = message(number("VM_isClassArray"), std::int32_t{1}, std::string("a"));
  EXPECT_EQ(compare(query, query.copy(), ComparisonRules::exact()), std::nullopt);
}

TEST_F(MessageComparisonTest, TypesDiffer) {
  EXPECT_EQ(compare(message(number("VM_isClassArray"), true), message(9999, true)),
            "recorded VM_isClassArray, received #9999");
}

TEST_F(MessageComparisonTest, DataPointsDiffer) {
  const std::uint16_t type = number("VM_isClassArray");
  EXPECT_EQ(compare(message(type, true, std::int32_t{1}), message(type, true, std::int32_t{2})),
            "VM_isClassArray: data point 1: recorded int32(1), received int32(2)");
  EXPECT_EQ(compare(message(type, true), message(type, std::int32_t{1})),
            "VM_isClassArray: data point 0: recorded bool(true), received int32(1)");
  EXPECT_EQ(compare(message(type, true), message(type, true, true)),
            "VM_isClassArray: recorded 1 data points, received 2");
}

TEST_F(MessageComparisonTest, LongValuesAreCutShort) {
  const std::uint16_t type = number("VM_isClassArray");
  const auto difference =
      compare(message(type, std::string(1000, 'a')), message(type, std::string(1000, 'b')));
  ASSERT_TRUE(difference);
  EXPECT_LT(difference->size(), 300U);
  EXPECT_THAT(*difference, HasSubstr("(1010 characters)"));
}

TEST_F(MessageComparisonTest, OfARequestTheIdentityMayDiffer) {
  EXPECT_EQ(compare(request(1, 2, 3, true), request(4, 5, 6, true)), std::nullopt);
  EXPECT_NE(compare(request(1, 2, 3, true), request(1, 2, 3, false)), std::nullopt);
  EXPECT_NE(compare(request(1, 2, 3, true), request(4, 2, 3, true), ComparisonRules::exact()), std::nullopt);
  EXPECT_NE(compare(request(1, 2, 3, true), request(1, 5, 3, true), {.sequence_numbers = false}),
            std::nullopt);
  EXPECT_NE(compare(request(1, 2, 3, true), request(1, 2, 6, true), {.sequence_numbers = false}),
            std::nullopt);
  EXPECT_NE(compare(request(1, 2, 3, true), request(4, 2, 3, true), {.client_uid = false}), std::nullopt);
}

TEST_F(MessageComparisonTest, WhatIsNoNumberInTheIdentitysPlaceMayNotDiffer) {
  // The oldest releases have one number less: then comes the method.
  const std::uint16_t type = dialect->compilation_request;
  EXPECT_NE(compare(message(type, std::uint64_t{1}, std::uint32_t{2}, std::string("a")),
                    message(type, std::uint64_t{1}, std::uint32_t{2}, std::string("b"))),
            std::nullopt);
  // The identity may have another value, not another type.
  EXPECT_NE(compare(request(1, 2, 3, true),
                    message(type, std::uint32_t{1}, std::uint32_t{2}, std::uint32_t{3}, true)),
            std::nullopt);
}

TEST_F(MessageComparisonTest, UidsOfGoodbyesAndServersMayDiffer) {
  for (const std::uint16_t type :
       {dialect->client_session_terminate, number("getUnloadedClassRangesAndCHTable")}) {
    EXPECT_EQ(compare(message(type, std::uint64_t{1}), message(type, std::uint64_t{2})), std::nullopt);
    EXPECT_NE(
        compare(message(type, std::uint64_t{1}), message(type, std::uint64_t{2}), ComparisonRules::exact()),
        std::nullopt);
  }
}

TEST_F(MessageComparisonTest, VersionsDifferUnlessTheyMay) {
  Message recorded = request(1, 2, 3, true);
  recorded.setVersion(0x01006900, 0x3011);
  const Message received = request(1, 2, 3, true);
  const auto difference = compare(recorded, received);
  ASSERT_TRUE(difference);
  EXPECT_THAT(*difference, HasSubstr("recorded protocol 1.105"));
  EXPECT_EQ(compare(recorded, received, {.versions = true}), std::nullopt);
}

}  // namespace
}  // namespace jitrig
