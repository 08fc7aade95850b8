#include "fakecompiler/aot_compilation.h"

#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

Value addressesFromOne(std::uint64_t count) {
  std::vector<std::uint64_t> addresses(count);
  for (std::uint64_t i = 0; i < count; ++i) addresses[i] = i + 1;
  const auto bytes = std::as_bytes(std::span(addresses));
  return Value::SimpleVector{.element_size = sizeof(std::uint64_t), .bytes = {bytes.begin(), bytes.end()}};
}

/// A compilation of a client that has told what kind of VM it is, and wants its method stored.
class AOTCompilationTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  struct Server {
    explicit Server(Runtime& runtime)
        : caches(
              runtime, {.enabled = true}, [](AOTCaches::Job, bool) {}, [](const AOTCacheFileReport&) {}),
          server(*headDialect(), caches, 1),
          session(runtime, 1, 0, {}) {
      const Lock lock(session.mutex());
      session.aot().learnVM({.uses_cache = true, .ignores_local = true, .cache = "default", .header = "VM"});
    }

    AOTCompilation begin(std::uint64_t class_chain_length) {
      const AOTLayout& layout = *server.layout();
      std::vector<Value> values = requestOf(1);
      values[layout.store] = true;
      values[layout.class_chain] = addressesFromOne(class_chain_length);
      Message request(headDialect()->compilation_request);
      addValues(request, values);
      return {server, session, request, false};
    }

    AOTCaches caches;
    AOTServer server;
    ClientSession session;
  };
};
INSTANTIATE_TEST_SUITE_P(, AOTCompilationTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(AOTCompilationTest, TheClientIsAskedAboutClassesThatAreNotKnown) {
  GetParam().run([](Runtime& runtime) {
    Server server(runtime);
    AOTCompilation compilation = server.begin(1'000);
    const ScriptQuery* query = compilation.next();
    ASSERT_NE(query, nullptr);
    EXPECT_EQ(query->type, numberOf("AOTCache_getROMClassBatch"));
    ASSERT_EQ(query->values.size(), 1U);
    EXPECT_EQ(query->values[0], addressesFromOne(1'000));
  });
}

/// Otherwise one request could keep a thread busy, and have the client asked for megabytes.
TEST_P(AOTCompilationTest, AClassChainLongerThanAnyIsTakenForNone) {
  GetParam().run([](Runtime& runtime) {
    Server server(runtime);
    AOTCompilation compilation = server.begin(1'001);
    EXPECT_EQ(compilation.next(), nullptr);
    const ScriptEnd* end = compilation.end();
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->type, numberOf("AOTCache_failure"));
    EXPECT_EQ(end->values, (std::vector<Value>{false, false}));  // the cache itself is there, and has room
  });
}

}  // namespace
}  // namespace jitrig::test
