#include "fakecompiler/compile_request.h"

#include "fakecompiler/fake_compiler_test_support.h"
#include "protocol/catalogue/catalogue.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Message encoded(const Dialect& dialect, const std::vector<Value>& values) {
  Message message(dialect.compilation_request);
  addValues(message, values);
  return message;
}

TEST(CompileRequestTest, OneThatCarriesNothingIsNotCritical) {
  const CompileRequestReader reader(*headDialect());
  const CompileRequest request = reader.read(encoded(*headDialect(), requestOf(4711)));
  EXPECT_EQ(request.numbers.client_uid, 4711U);
  EXPECT_FALSE(request.numbers.critical);
  EXPECT_FALSE(request.has_class_info);
}

TEST(CompileRequestTest, WhateverItCarriesMakesItCritical) {
  const CompileRequestReader reader(*headDialect());
  const Value addresses = Value::SimpleVector{
      .element_size = 8, .bytes = std::vector<std::byte>(2 * sizeof(std::uint64_t), std::byte{1})};
  const auto read = [&](std::size_t index, const Value& value) {
    std::vector<Value> values = requestOf(4711);
    values[1] = std::uint32_t{7};
    values[2] = std::uint32_t{5};
    values[index] = value;
    CompileRequest request = reader.read(encoded(*headDialect(), values));
    EXPECT_TRUE(request.numbers.critical) << index;
    EXPECT_EQ(request.numbers.sequence_number, 7U);
    EXPECT_EQ(request.numbers.critical_number, 5U);
    return request.updates;
  };
  constexpr std::uint64_t kAddress = 0x0101010101010101;
  EXPECT_THAT(read(8, addresses).unloaded_classes, ElementsAre(kAddress, kAddress));
  EXPECT_THAT(read(9, addresses).modified_classes, ElementsAre(kAddress, kAddress));
  EXPECT_EQ(read(13, Value::String{"removals"}).class_hierarchy_removals, "removals");
  EXPECT_EQ(read(14, Value::String{"changes"}).class_hierarchy_changes, "changes");
}

/// A real server passes over what a JitDump's request tells, and so does this one.
TEST(CompileRequestTest, AJitDumpIsNeverCritical) {
  std::vector<Value> values = requestOf(4711);
  values[7] = Value::Object{.bytes = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}}};
  values[14] = Value::String{"changes"};
  const CompileRequest request = CompileRequestReader(*headDialect()).read(encoded(*headDialect(), values));
  EXPECT_TRUE(request.jit_dump);
  EXPECT_FALSE(request.numbers.critical);
  EXPECT_TRUE(request.updates.empty());
}

TEST(CompileRequestTest, EverythingIsRedefinedByAnAddressOfOnes) {
  ClassChanges updates;
  updates.unloaded_classes = {1, 2};
  EXPECT_FALSE(updates.clearsEverything());
  updates.unloaded_classes.push_back(~std::uint64_t{0});
  EXPECT_TRUE(updates.clearsEverything());
}

/// Data points have moved from release to release. The oldest has one number, which means something else.
TEST(CompileRequestTest, IsUnderstoodInEveryRelease) {
  for (const std::string& release : Catalogue::builtIn().releases()) {
    const auto dialect = Dialect::make(Catalogue::builtIn().table(release).value(), {}).value();
    auto values = defaultValues(*dialect->table->find(dialect->compilation_request)->request);
    const bool ordered = release != "0.20.0";
    if (ordered) {
      values[1] = std::uint32_t{7};
      values[2] = std::uint32_t{5};
    }
    // The class hierarchy's changes: the fourth string behind the class information.
    const auto tuple = std::ranges::find(values, DataType::TUPLE, &Value::type) - values.begin();
    if (ordered) values[static_cast<std::size_t>(tuple) + 4] = Value::String{"changes"};
    const CompileRequest request = CompileRequestReader(*dialect).read(encoded(*dialect, values));
    EXPECT_EQ(request.numbers.sequence_number, ordered ? 7U : 0U) << release;
    EXPECT_EQ(request.numbers.critical_number, ordered ? 5U : 0U) << release;
    EXPECT_EQ(request.numbers.critical, ordered) << release;
    EXPECT_EQ(request.updates.class_hierarchy_changes, ordered ? "changes" : "") << release;
  }
}

/// What does not have the data points of the release comes to a server that accepts any version.
TEST(CompileRequestTest, WhatIsNotThereIsEmpty) {
  const CompileRequestReader reader(*headDialect());
  const CompileRequest request = reader.read(encoded(*headDialect(), {std::uint64_t{4711}, true}));
  EXPECT_EQ(request.numbers.client_uid, 4711U);
  EXPECT_EQ(request.numbers.sequence_number, 0U);
  EXPECT_THAT(request.updates.unloaded_classes, IsEmpty());
}

}  // namespace
}  // namespace jitrig::test
