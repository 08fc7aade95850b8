#include "cli/announcement_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_status.h"
#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

FullVersion announced(const AnnouncementOptions& options, const std::string& release = "head",
                      Build build = Build::openjdk) {
  const auto loaded = Catalogue::builtIn().release(release);
  if (!loaded) throw std::invalid_argument(loaded.error());
  return announcedVersion(options, **loaded, build);
}

std::string wrongUsage(const std::function<void()>& action) {
  try {
    action();
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), ExitStatus::wrongUsage);
    return error.what();
  }
  ADD_FAILURE() << "this should have been wrong usage";
  return {};
}

TEST(AnnouncementOptionsTest, Defaults) {
  EXPECT_EQ(announced({}), (FullVersion{0x01006900, 0x3011}));
  EXPECT_EQ(announced({}, "head", Build::j9), (FullVersion{0x01006900, 0x300b}));
}

TEST(AnnouncementOptionsTest, EachOption) {
  EXPECT_EQ(announced({.jdk = 21}).config, 0x3015U);
  EXPECT_EQ(announced({.no_compressed_refs = true}).config, 0x2011U);
  EXPECT_EQ(announced({.arch = "ppcle"}).config, 0x5011U);
  EXPECT_EQ(announced({.arch = "ppcbe"}).config, 0x7011U);
  EXPECT_EQ(announced({.arch = "z"}).config, 0x9011U);
  EXPECT_EQ(announced({.arch = "arm"}).config, 0xb011U);
  EXPECT_EQ(announced({.arch = "arm64"}).config, 0xd011U);
  EXPECT_EQ(announced({.arch = "none"}).config, 0x1011U);
}

TEST(AnnouncementOptionsTest, OlderReleasesDoNotAnnounceTheArchitecture) {
  EXPECT_EQ(announced({.arch = "arm64"}, "0.60.0").config, 0x1011U);
}

TEST(AnnouncementOptionsTest, TheWholeWord) {
  EXPECT_EQ(announced({.config = "0x1015"}), (FullVersion{0x01006900, 0x1015}));
  EXPECT_EQ(announced({.config = "12305"}).config, 0x3011U);
  EXPECT_EQ(announced({.config = "0xFFFFFFFF"}).config, 0xffffffffU);
}

TEST(AnnouncementOptionsTest, WrongUsageIsNamed) {
  EXPECT_THAT(wrongUsage([] { announced({.jdk = 4096}); }),
              HasSubstr("--jdk: 4096 is not between 1 and 4095"));
  EXPECT_THAT(wrongUsage([] { announced({.jdk = 0}); }), HasSubstr("--jdk"));
  EXPECT_THAT(wrongUsage([] { announced({.arch = "sparc"}); }), HasSubstr("unknown architecture 'sparc'"));
  for (const char* word : {"", "0x", "0x1ffffffff", "30g", "-1", "0x3011 "}) {
    EXPECT_THAT(wrongUsage([word] { announced({.config = word}); }), HasSubstr("is no 32-bit number"))
        << word;
  }
  const std::string both = "give it without --jdk, --no-compressed-refs and --arch";
  EXPECT_THAT(wrongUsage([] { announced({.jdk = 17, .config = "0x3011"}); }), HasSubstr(both));
  EXPECT_THAT(wrongUsage([] { announced({.no_compressed_refs = true, .config = "0x3011"}); }),
              HasSubstr(both));
  EXPECT_THAT(wrongUsage([] { announced({.arch = "x86", .config = "0x3011"}); }), HasSubstr(both));
}

TEST(AnnouncementOptionsTest, TheDialectHasAll) {
  const auto dialect = loadDialect({.release = "0.20.0", .build = "openjdk"}, {.jdk = 11});
  EXPECT_EQ(dialect->compilation_request, 5);
  EXPECT_EQ(dialect->announced.config, 0x100bU);
}

TEST(ReleaseOptionsTest, UnknownNamesAreWrongUsage) {
  const std::string release = wrongUsage([] { loadTable({.release = "0.61.0", .build = "openjdk"}); });
  EXPECT_THAT(release, HasSubstr("--release: unknown release '0.61.0'"));
  EXPECT_THAT(release, HasSubstr("the nearest is 0."));
  EXPECT_THAT(wrongUsage([] { loadTable({.release = "head", .build = "jdk17"}); }),
              HasSubstr("unknown build 'jdk17'; expected openjdk or j9"));
}

}  // namespace
}  // namespace jitrig
