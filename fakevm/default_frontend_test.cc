#include "fakevm/default_frontend.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"

namespace jitrig {
namespace {

struct ReleaseAndBuild {
  std::string release;
  Build build;
};

std::vector<ReleaseAndBuild> allReleases() {
  std::vector<ReleaseAndBuild> result;
  for (const std::string& release : Catalogue::builtIn().releases()) {
    for (const Build build : {Build::openjdk, Build::j9}) result.push_back({release, build});
  }
  return result;
}

std::shared_ptr<const Dialect> dialectOf(const ReleaseAndBuild& each) {
  const auto table = Catalogue::builtIn().table(each.release, each.build).value();
  return Dialect::make(table, table->release().defaultVersion()).value();
}

TEST(DefaultFrontendTest, AnswersEveryQueryOfEveryReleaseTypeCorrectly) {
  for (const ReleaseAndBuild& each : allReleases()) {
    const auto dialect = dialectOf(each);
    DefaultFrontend frontend(dialect);
    const auto compilation = frontend.beginCompilation(0);
    std::size_t queries = 0;
    for (const MessageType& type : dialect->table->types()) {
      if (type.direction != MessageType::Direction::query) continue;
      ++queries;
      const Answer answer = compilation->answer(Message(type.number));
      EXPECT_EQ(answer.kind, Answer::Kind::reply);
      EXPECT_FALSE(answer.values.empty()) << type.name;
      if (!type.reply || type.reply->empty()) continue;
      const auto misfit = checkDataPoints(answer.values, *type.reply);
      EXPECT_FALSE(misfit) << each.release << ' ' << type.name << ": " << toString(*misfit);
    }
    EXPECT_GT(queries, 100U) << each.release;
  }
}

TEST(DefaultFrontendTest, RequestsOfEveryReleaseAreTypeCorrectAndItsOwn) {
  for (const ReleaseAndBuild& each : allReleases()) {
    const auto dialect = dialectOf(each);
    const auto request = DefaultFrontend(dialect).beginCompilation(3)->compilationRequest({0xfeed, 17, 5});
    const MessageType* type = dialect->table->find(dialect->compilation_request);
    const auto misfit = checkDataPoints(request, *type->request);
    EXPECT_FALSE(misfit) << each.release << ": " << toString(*misfit);
    EXPECT_EQ(request[0], Value(std::uint64_t{0xfeed}));
    EXPECT_EQ(request[1], Value(std::uint32_t{17}));
    Message made_of_values(type->number);
    addValues(made_of_values, request);
    Message made_at_once(type->number);
    DefaultFrontend(dialect).beginCompilation(3)->addRequest({0xfeed, 17, 5}, made_at_once);
    EXPECT_THAT(made_at_once.serialize(), testing::ElementsAreArray(made_of_values.serialize()))
        << each.release;
  }
}

TEST(DefaultFrontendTest, AnUnknownReplyIsAVoid) {
  const auto dialect = defaultDialect();
  EXPECT_EQ(defaultReply(*dialect, 9999), std::vector<Value>{Value::Object{{std::byte{0}}}});
}

TEST(DefaultFrontendTest, TheIdentityStandsAtTheBeginning) {
  std::vector<Value> request{std::uint64_t{1}, std::uint32_t{2}, std::uint32_t{3}, std::uint32_t{4}};
  setIdentity(request, {10, 20, 30});
  const std::vector<Value> expected{std::uint64_t{10}, std::uint32_t{20}, std::uint32_t{30},
                                    std::uint32_t{4}};
  EXPECT_EQ(request, expected);
  std::vector<Value> other{Value::String{"recorded"}, true};
  setIdentity(other, {10, 20, 30});
  const std::vector<Value> unchanged{Value::String{"recorded"}, true};
  EXPECT_EQ(other, unchanged);
  setIdentity({}, {10, 20, 30});
}

TEST(WorldTest, ANumberIsAlwaysTheSameMethod) {
  const World world;
  for (const std::uint64_t number : {0U, 1U, 41U, 42U, 1000U}) {
    const WorldMethod first = world.method(number);
    const WorldMethod second = World().method(number);
    EXPECT_EQ(first.fullName(), second.fullName());
    EXPECT_EQ(first.method_address, second.method_address);
    EXPECT_EQ(first.rom_class, second.rom_class);
    EXPECT_NE(first.method_address, first.class_address);
  }
}

TEST(WorldTest, DifferentNumbersAreDifferentMethods) {
  std::vector<std::string> names;
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t number = 0; number < 200; ++number) {
    names.push_back(World().method(number).fullName());
    addresses.push_back(World().method(number).method_address);
  }
  std::ranges::sort(names);
  std::ranges::sort(addresses);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(std::ranges::adjacent_find(addresses), addresses.end());
}

}  // namespace
}  // namespace jitrig
