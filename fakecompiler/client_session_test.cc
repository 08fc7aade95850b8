#include "fakecompiler/client_session.h"

#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

RequestNumbers of(std::uint64_t client_uid) {
  return {.client_uid = client_uid};
}

class ClientSessionTableTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, ClientSessionTableTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ClientSessionTableTest, TheFirstRequestMakesASession) {
  GetParam().run([](Runtime& runtime) {
    ClientSessionTable sessions(runtime);
    EXPECT_FALSE(sessions.find(1));
    sessions.beginCompilation(of(1));
    sessions.beginCompilation(of(1));
    sessions.beginCompilation(of(2));
    EXPECT_EQ(sessions.size(), 2U);
    EXPECT_EQ(sessions.find(1)->compiling, 2U);
    sessions.endCompilation(1);
    EXPECT_EQ(sessions.find(1)->compiling, 1U);
    EXPECT_EQ(sessions.find(1)->requests, 2U);
  });
}

TEST_P(ClientSessionTableTest, AnIdleSessionEndsAtOnce) {
  GetParam().run([](Runtime& runtime) {
    ClientSessionTable sessions(runtime);
    {
      const ClientSessionUse use(sessions, of(1));
    }
    EXPECT_TRUE(sessions.terminate(1));
    EXPECT_EQ(sessions.size(), 0U);
    EXPECT_FALSE(sessions.terminate(1));
  });
}

TEST_P(ClientSessionTableTest, ASessionInUseEndsWithItsLastCompilation) {
  GetParam().run([](Runtime& runtime) {
    ClientSessionTable sessions(runtime);
    {
      const ClientSessionUse first(sessions, of(1));
      {
        const ClientSessionUse second(sessions, of(1));
        EXPECT_TRUE(sessions.terminate(1));
      }
      EXPECT_TRUE(sessions.find(1)->marked_for_deletion);
    }
    EXPECT_FALSE(sessions.find(1));
    sessions.beginCompilation(of(1));
    EXPECT_EQ(sessions.find(1)->number, 2U);  // a new one, with empty caches
  });
}

TEST_P(ClientSessionTableTest, WhoeverComesAfterTheGoodbyeSharesTheSessionThatIsInUse) {
  GetParam().run([](Runtime& runtime) {
    ClientSessionTable sessions(runtime);
    {
      const ClientSessionUse before(sessions, of(1));
      EXPECT_TRUE(sessions.terminate(1));
      {
        const ClientSessionUse after(sessions, of(1));
        EXPECT_FALSE(after.created());
        EXPECT_TRUE(sessions.find(1)->marked_for_deletion);
      }
      EXPECT_TRUE(sessions.find(1));  // the first use goes on
    }
    EXPECT_FALSE(sessions.find(1));
  });
}

TEST_P(ClientSessionTableTest, BeyondTheLimitTheLongestIdleIsForgotten) {
  GetParam().run([](Runtime& runtime) {
    ClientSessionTable sessions(runtime, {.max_sessions = 3});
    sessions.beginCompilation(of(1));  // stays in use
    for (const std::uint64_t client : {2U, 3U, 2U, 4U, 5U}) {
      const ClientSessionUse use(sessions, of(client));
    }
    EXPECT_EQ(sessions.size(), 3U);
    EXPECT_TRUE(sessions.find(1));
    EXPECT_FALSE(sessions.find(2));
    EXPECT_FALSE(sessions.find(3));
    EXPECT_TRUE(sessions.find(4));
    EXPECT_TRUE(sessions.find(5));
  });
}

TEST_P(ClientSessionTableTest, AClientThatTellsWithoutEndIsNotRememberedWithoutEnd) {
  GetParam().run([](Runtime& runtime) {
    SessionCaches caches(runtime);
    ClassChanges updates{.class_hierarchy_changes = "a class"};
    for (std::uint32_t number = 1; number <= SessionCaches::kMaxRemembered + 10; ++number) {
      updates.modified_classes = {number};
      caches.apply(updates, number);
      caches.addClass(number);
      caches.addMethod(number, 1);
    }
    const SessionCaches::Contents& contents = caches.contents();
    EXPECT_EQ(contents.modified_classes.size(), SessionCaches::kMaxRemembered);
    EXPECT_EQ(contents.class_hierarchy_updates.size(), SessionCaches::kMaxRemembered);
    EXPECT_EQ(contents.classes.size(), SessionCaches::kMaxRemembered);
    EXPECT_EQ(contents.methods.size(), SessionCaches::kMaxRemembered);
  });
}

TEST_P(ClientSessionTableTest, WhatBelongsToUnloadedClassesIsForgotten) {
  GetParam().run([](Runtime& runtime) {
    SessionCaches caches(runtime);
    caches.apply({.modified_classes = {1, 2, 3}}, 1);
    for (std::uint64_t each = 1; each <= 3; ++each) {
      caches.addClass(each);
      caches.addMethod(10 * each, each);
      caches.addMethod(10 * each + 1, each);
    }
    caches.apply({.unloaded_classes = {3, 9, 1, 3}}, 2);
    const SessionCaches::Contents& contents = caches.contents();
    EXPECT_EQ(contents.classes, (std::set<std::uint64_t>{2}));
    EXPECT_EQ(contents.modified_classes, (std::set<std::uint64_t>{2}));
    EXPECT_EQ(contents.methods, (std::map<std::uint64_t, std::uint64_t>{{20, 2}, {21, 2}}));
  });
}

}  // namespace
}  // namespace jitrig::test
