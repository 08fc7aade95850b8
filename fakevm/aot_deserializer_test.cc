#include "fakevm/aot_deserializer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/runtime/runtime_under_test.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

class AOTDeserializerTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, AOTDeserializerTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

const std::uint64_t kLoader = aotIdAndType(1, AOTRecordType::classLoader);
const std::uint64_t kChain = aotIdAndType(2, AOTRecordType::classChain);
const std::uint64_t kHeader = aotIdAndType(3, AOTRecordType::aotHeader);

std::string record(std::uint64_t id_and_type, std::vector<std::uint64_t> refers_to, std::string content) {
  return encode(AOTRecord{
      .id_and_type = id_and_type, .refers_to = std::move(refers_to), .content = std::move(content)});
}

std::string detailOf(AOTDeserializer& deserializer, const std::vector<std::string>& records,
                     const AOTMethod& method) {
  const auto loaded =
      deserializer.load(deserializer.met(7), records, encode(method), WorldMethod{}, "header");
  EXPECT_EQ(loaded.result, AOTResult::deserializationFailed);
  return loaded.detail;
}

/// A real VM would end: a compiled method relies on a class that is not there.
TEST_P(AOTDeserializerTest, AClassChainOfNoClassesIsAnError) {
  GetParam().run([](Runtime& runtime) {
    AOTDeserializer deserializer(runtime, 0);
    const AOTMethod method{.key = {.class_chain = kChain, .header = kHeader, .method_index = 0},
                           .records = {},
                           .signature = "a",
                           .code = "b"};
    const std::vector<std::string> records{record(kLoader, {}, "a loader"), record(kChain, {kLoader}, ""),
                                           record(kHeader, {}, "header")};
    EXPECT_THAT(detailOf(deserializer, records, method), HasSubstr("which stands for no class"));
  });
}

TEST_P(AOTDeserializerTest, WhatDoesNotFitIsNamed) {
  GetParam().run([](Runtime& runtime) {
    AOTDeserializer deserializer(runtime, 0);
    const AOTMethod method{.key = {.class_chain = kChain, .header = kHeader, .method_index = 0},
                           .records = {kLoader},
                           .signature = "a",
                           .code = "b"};
    EXPECT_THAT(detailOf(deserializer, {"no record"}, method), HasSubstr("serialization record"));
    EXPECT_THAT(detailOf(deserializer, {record(kChain, {kLoader}, "")}, method),
                HasSubstr("which did not come"));
    EXPECT_THAT(detailOf(deserializer, {}, method), HasSubstr("is not known"));
  });
}

TEST_P(AOTDeserializerTest, RecordsWithoutEndAreNotKept) {
  GetParam().run([](Runtime& runtime) {
    AOTDeserializer deserializer(runtime, 0);
    const std::string large(AOTDeserializer::kMaxRecordBytes / 4, 'x');
    std::vector<std::string> records;
    for (std::uint64_t id = 1; id <= 4; ++id)
      records.push_back(record(aotIdAndType(id, AOTRecordType::classLoader), {}, large));
    EXPECT_THAT(detailOf(deserializer, records, AOTMethod{}), HasSubstr("bytes of records"));
  });
}

}  // namespace
}  // namespace jitrig::test
