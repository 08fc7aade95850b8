#include "fakecompiler/aot_cache.h"

#include <filesystem>
#include <fstream>

#include "fakecompiler/aot_caches.h"
#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

AOTMethodIdentity methodOf(const std::string& class_name, std::uint32_t index) {
  return {.class_chain = {{.loader = "app", .rom_class = class_name}, {.loader = "app", .rom_class = "Base"}},
          .method_index = index,
          .header = "x86"};
}

TEST(AOTCacheTest, FindsWhatWasStored) {
  AOTCache cache;
  EXPECT_FALSE(cache.find(methodOf("A", 1), {}));
  const AOTDelivery stored = cache.store(methodOf("A", 1), "A.f()V", "code", {});
  EXPECT_THAT(stored.records, SizeIs(6));  // one loader, two classes, their chain, the method, the header
  const auto found = cache.find(methodOf("A", 1), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(decodeAOTMethod(found->method)->code, "code");
  EXPECT_FALSE(cache.find(methodOf("A", 2), {}));
  EXPECT_FALSE(cache.find(methodOf("B", 1), {}));
  EXPECT_THAT(cache.signatures(), ElementsAre("A.f()V"));
}

TEST(AOTCacheTest, AHeaderOfAnotherVMIsAnotherMethod) {
  AOTCache cache;
  cache.store(methodOf("A", 1), "A.f()V", "code", {});
  AOTMethodIdentity other = methodOf("A", 1);
  other.header = "aarch64";
  EXPECT_FALSE(cache.find(other, {}));
}

TEST(AOTCacheTest, RecordsAreSharedAndNotSentToWhoHasThem) {
  AOTCache cache;
  const AOTDelivery first = cache.store(methodOf("A", 1), "A.f()V", "code", {});
  const std::set<std::uint64_t> known(first.records_ids.begin(), first.records_ids.end());
  EXPECT_THAT(cache.store(methodOf("B", 1), "B.f()V", "code", known).records,
              SizeIs(3));  // class, chain, method
  EXPECT_THAT(cache.find(methodOf("A", 1), known)->records, IsEmpty());
}

TEST(AOTCacheTest, WhatWasStoredFirstStays) {
  AOTCache cache;
  cache.store(methodOf("A", 1), "A.f()V", "first", {});
  EXPECT_EQ(decodeAOTMethod(cache.store(methodOf("A", 1), "A.f()V", "second", {}).method)->code, "first");
}

AOTCache twoMethods() {
  AOTCache cache;
  cache.store(methodOf("A", 1), "A.f()V", "code", {});
  cache.store(methodOf("B", 2), "B.g()V", "more code", {});
  return cache;
}

TEST(AOTCacheFileTest, ComesBackAsItWas) {
  const auto read = decodeAOTCacheFile(encodeAOTCacheFile(twoMethods()));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->encodedRecords(), twoMethods().encodedRecords());
  EXPECT_EQ(read->encodedMethods(), twoMethods().encodedMethods());
  EXPECT_EQ(read->sizeBytes(), twoMethods().sizeBytes());
}

/// What is stored behind a load gets ids of its own.
TEST(AOTCacheFileTest, ALoadedCacheGoesOn) {
  auto read = decodeAOTCacheFile(encodeAOTCacheFile(twoMethods()));
  AOTCache grown = twoMethods();
  EXPECT_EQ(read->store(methodOf("C", 3), "C.h()V", "c", {}).records,
            grown.store(methodOf("C", 3), "C.h()V", "c", {}).records);
}

TEST(AOTCacheFileTest, CutOffAtAnyPlaceItIsRefused) {
  const std::string file = encodeAOTCacheFile(twoMethods());
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(decodeAOTCacheFile(file.substr(0, size)));
  EXPECT_THAT(decodeAOTCacheFile(file.substr(0, file.size() - 1)).error(), HasSubstr("is cut off"));
  EXPECT_THAT(decodeAOTCacheFile(file + "x").error(), HasSubstr("1 bytes too many"));
}

TEST(AOTCacheFileTest, WithAnyBitFlippedItIsRefused) {
  const std::string file = encodeAOTCacheFile(twoMethods());
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string flipped = file;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    EXPECT_FALSE(decodeAOTCacheFile(flipped)) << "byte " << i;
  }
}

TEST(AOTCacheFileTest, OtherVersionsAndFormatsAreNamed) {
  std::string file = encodeAOTCacheFile(twoMethods());
  file[16] = 2;
  EXPECT_THAT(decodeAOTCacheFile(file).error(), HasSubstr("is of version 2, expected 1"));
  EXPECT_THAT(decodeAOTCacheFile("a shell script").error(), HasSubstr("is no AOT cache"));
}

TEST(AOTCacheFileTest, NamesOfClientsAreNoPaths) {
  EXPECT_EQ(aotCacheFileName("default"), "default.jitrig_aot_cache");
  for (const char* name : {"", "..", "a/b", "a.b", "a b"}) EXPECT_FALSE(aotCacheFileName(name)) << name;
  EXPECT_FALSE(aotCacheFileName(std::string(65, 'a')));
}

TEST(AOTCacheFileTest, AFolderOfTheMachine) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / "jitrig_aot_cache_test";
  std::filesystem::remove_all(path);
  EXPECT_FALSE(openAOTCacheFolder(path.string())->write("file", "bytes"));
  std::filesystem::create_directory(path);
  const auto folder = openAOTCacheFolder(path.string());
  EXPECT_FALSE(folder->read("file").value());
  EXPECT_TRUE(folder->write("file", "bytes"));
  EXPECT_TRUE(folder->write("file", std::string("\0other", 6)));
  EXPECT_EQ(folder->read("file").value(), std::string("\0other", 6));
  EXPECT_FALSE(std::filesystem::exists(path / "file.new"));
  std::filesystem::remove_all(path);
}

/// Caches whose jobs run when the test says so.
class AOTCachesTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  struct Caches {
    Caches(Runtime& in, std::shared_ptr<AOTCacheFolder> folder)
        : runtime(in),
          caches(
              in,
              {.enabled = true, .folder = std::move(folder), .min_new_methods = 2, .min_save_interval_ms = 0},
              [this](AOTCaches::Job job, bool urgent) {
                jobs.push_back(std::move(job));
                urgencies.push_back(urgent);
              },
              [this](const AOTCacheFileReport& report) { told.push_back(toText(report)); }) {}

    void work() {
      for (const auto& job : std::exchange(jobs, {})) job();
    }
    bool store(const std::string& class_name) {
      return caches.store("default", methodOf(class_name, 1), class_name, "code", {}).has_value();
    }

    Runtime& runtime;
    std::vector<AOTCaches::Job> jobs;
    std::vector<bool> urgencies;
    std::vector<std::string> told;
    AOTCaches caches;
  };
};
INSTANTIATE_TEST_SUITE_P(, AOTCachesTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

/// A8: that it is not there yet is no failure.
TEST_P(AOTCachesTest, ACacheIsLoadedFirst) {
  GetParam().run([](Runtime& runtime) {
    const auto folder = std::make_shared<AOTCacheFolderInMemory>(runtime);
    folder->put("default.jitrig_aot_cache", encodeAOTCacheFile(twoMethods()));
    Caches server(runtime, folder);
    EXPECT_THAT(server.caches.signatures("default"), IsEmpty());
    EXPECT_EQ(server.caches.open("default"), AOTCaches::State::loading);
    EXPECT_FALSE(server.store("C"));
    EXPECT_THAT(server.urgencies, ElementsAre(true));
    server.work();
    EXPECT_EQ(server.caches.open("default"), AOTCaches::State::usable);
    EXPECT_THAT(server.caches.signatures("default"), ElementsAre("A.f()V", "B.g()V"));
    EXPECT_THAT(server.told, ElementsAre("AOT cache 'default': loaded 2 methods"));
  });
}

TEST_P(AOTCachesTest, ACacheIsSavedAndFoundByTheNextServer) {
  GetParam().run([](Runtime& runtime) {
    const auto folder = std::make_shared<AOTCacheFolderInMemory>(runtime);
    Caches server(runtime, folder);
    server.caches.open("default");
    server.work();
    EXPECT_TRUE(server.store("A"));
    EXPECT_THAT(server.jobs, IsEmpty());
    EXPECT_TRUE(server.store("B"));
    server.work();
    EXPECT_THAT(server.told, ElementsAre("AOT cache 'default': there is no file of it",
                                         "AOT cache 'default': saved 2 methods"));
    Caches next(runtime, folder);
    next.caches.open("default");
    next.work();
    EXPECT_TRUE(next.caches.find("default", methodOf("A", 1), {}));
  });
}

/// A7: a bad file is told, and not in the way for ever.
TEST_P(AOTCachesTest, ABadFileIsReplaced) {
  GetParam().run([](Runtime& runtime) {
    const auto folder = std::make_shared<AOTCacheFolderInMemory>(runtime);
    folder->put("default.jitrig_aot_cache", encodeAOTCacheFile(twoMethods()).substr(0, 100));
    Caches server(runtime, folder);
    server.caches.open("default");
    server.work();
    EXPECT_THAT(server.told,
                ElementsAre(HasSubstr("its file cannot be used: default.jitrig_aot_cache: is cut off")));
    EXPECT_TRUE(server.store("A"));
    EXPECT_TRUE(server.store("B"));
    server.work();
    Caches next(runtime, folder);
    next.caches.open("default");
    next.work();
    EXPECT_THAT(next.told, ElementsAre("AOT cache 'default': loaded 2 methods"));
  });
}

TEST_P(AOTCachesTest, NamesThatAClientInventsCostRoom) {
  GetParam().run([](Runtime& runtime) {
    for (const auto& folder :
         {std::shared_ptr<AOTCacheFolder>(),
          std::shared_ptr<AOTCacheFolder>(std::make_shared<AOTCacheFolderInMemory>(runtime))}) {
      std::size_t jobs = 0;
      AOTCaches caches(
          runtime, {.enabled = true, .max_bytes = 10'000, .folder = folder},
          [&jobs](const AOTCaches::Job&, bool) { ++jobs; }, [](const AOTCacheFileReport&) {});
      caches.open("default");
      for (int i = 0; i < 1'000; ++i) caches.open("another " + std::to_string(i));
      EXPECT_EQ(caches.open("one more"), AOTCaches::State::full);
      EXPECT_LE(caches.sizeBytes(), 10'000U);
      EXPECT_THAT(caches.signatures(std::string(20'000, 'x')), IsEmpty());
      EXPECT_LE(caches.sizeBytes(), 10'000U);
      EXPECT_LT(jobs, 200U);
      EXPECT_NE(caches.open("default"), AOTCaches::State::none);
    }
  });
}

TEST_P(AOTCachesTest, BeyondTheLimitNothingIsStored) {
  GetParam().run([](Runtime& runtime) {
    AOTCaches caches(runtime, {.enabled = true, .max_bytes = 400});
    EXPECT_EQ(caches.open("default"), AOTCaches::State::usable);
    EXPECT_TRUE(caches.store("default", methodOf("A", 1), "A", std::string(400, 'x'), {}));
    EXPECT_EQ(caches.open("default"), AOTCaches::State::full);
    EXPECT_FALSE(caches.store("default", methodOf("B", 1), "B", "code", {}));
    EXPECT_TRUE(caches.find("default", methodOf("A", 1), {}));
  });
}

}  // namespace
}  // namespace jitrig::test
