#include "fakecompiler/script.h"

#include "fakecompiler/fake_compiler_test_support.h"
#include "fakecompiler/script_from_recording.h"
#include "fakecompiler/script_player.h"
#include "protocol/catalogue/catalogue.h"

namespace jitrig::test {
namespace {

using ::testing::SizeIs;

std::vector<std::shared_ptr<const Dialect>> allDialects() {
  std::vector<std::shared_ptr<const Dialect>> result;
  for (const std::string& release : Catalogue::builtIn().releases()) {
    for (const Build build : {Build::openjdk, Build::j9}) {
      const auto table = Catalogue::builtIn().table(release, build).value();
      result.push_back(Dialect::make(table, table->release().defaultVersion()).value());
    }
  }
  return result;
}

TEST(ScriptTest, TheDefaultFitsEveryRelease) {
  for (const auto& dialect : allDialects()) {
    const std::string release = dialect->table->release().name;
    const Script script = defaultScript(*dialect);
    ASSERT_THAT(script.compilations, SizeIs(1));
    EXPECT_GE(script.compilations[0].queries.size(), 4U) << release;
    for (const ScriptQuery& query : script.compilations[0].queries) {
      const MessageType& type = *dialect->table->find(query.type);
      EXPECT_FALSE(checkDataPoints(query.values, *type.request)) << release << ' ' << type.name;
      EXPECT_EQ(query.expected_reply, type.reply);
    }
    const ScriptEnd& end = script.compilations[0].end;
    EXPECT_FALSE(checkDataPoints(end.values, *dialect->table->find(end.type)->request)) << release;
  }
}

TEST(ScriptTest, AFailureHasAsManyDataPointsAsTheRelease) {
  for (const auto& dialect : allDialects()) {
    const ScriptEnd end = makeFailure(*dialect, 6);
    EXPECT_FALSE(checkDataPoints(end.values, *dialect->table->find(end.type)->request))
        << dialect->table->release().name;
  }
}

TEST(ScriptTest, OnlyQueriesAreQueries) {
  EXPECT_TRUE(makeQuery(*headDialect(), "VM_isClassArray"));
  EXPECT_FALSE(makeQuery(*headDialect(), "compilationCode"));
  EXPECT_FALSE(makeQuery(*headDialect(), "compilationRequest"));
  EXPECT_FALSE(makeQuery(*headDialect(), "VM_isNothing"));
}

TEST(ScriptTest, ARecordingWithoutACompilationIsNoScript) {
  const auto script = scriptFromRecording(Conversation{}, *headDialect());
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error(), "holds no compilationRequest of release head");
}

/// Runs a test's body in one simulated world, since a ScriptPlayer needs a Runtime for its lock.
void inARuntime(const std::function<void(Runtime&)>& body) {
  allRuntimes().back().run(body);
}

ScriptedCompilation named(const std::string& name, std::optional<std::vector<Value>> request = {}) {
  ScriptedCompilation compilation;
  compilation.name = name;
  compilation.request = std::move(request);
  return compilation;
}

/// The message that asks for it.
Message asking(const std::vector<Value>& request) {
  Message message(defaultDialect()->compilation_request);
  addValues(message, request);
  return message;
}

std::vector<Value> request(std::uint64_t client_uid, std::uint32_t sequence_number, bool method) {
  return {client_uid, sequence_number, std::uint32_t{0}, method};
}

TEST(ScriptPlayerTest, PlaysInOrderAndBeginsAgain) {
  inARuntime([](Runtime& runtime) {
    Script script;
    script.compilations = {named("a"), named("b")};
    ScriptPlayer player(runtime, encodeOnce(script));
    std::string played;
    for (int i = 0; i < 5; ++i) played += player.take(asking(request(1, 1, true))).name;
    EXPECT_EQ(played, "ababa");
  });
}

TEST(ScriptPlayerTest, ARequestMeetsWhatWasRecordedForIt) {
  inARuntime([](Runtime& runtime) {
    Script script;
    script.compilations = {named("first", request(1, 0, true)), named("second", request(1, 1, false)),
                           named("third", request(1, 2, true))};
    ScriptPlayer player(runtime, encodeOnce(script));
    EXPECT_EQ(player.take(asking(request(77, 9, false))).name, "second");  // whoever asks, in whatever order
    EXPECT_EQ(player.take(asking(request(77, 10, true))).name, "first");
    EXPECT_EQ(player.take(asking(request(77, 11, true))).name, "third");
    EXPECT_EQ(player.take(asking(request(77, 12, true))).name, "first");  // all were played: again
  });
}

TEST(ScriptPlayerTest, AnUnknownRequestGetsTheNextOne) {
  inARuntime([](Runtime& runtime) {
    Script script;
    script.compilations = {named("first", request(1, 0, true)), named("second", request(1, 1, true))};
    ScriptPlayer player(runtime, encodeOnce(script));
    EXPECT_EQ(player.take(asking(request(1, 0, false))).name, "first");
    EXPECT_EQ(player.take(asking({})).name, "second");
  });
}

TEST(ScriptPlayerTest, AnEmptyScriptIsRefused) {
  inARuntime([](Runtime& runtime) {
    EXPECT_THROW(ScriptPlayer(runtime, encodeOnce(Script{})), std::invalid_argument);
  });
}

}  // namespace
}  // namespace jitrig::test
