#include "protocol/catalogue/version_word.h"

#include <gtest/gtest.h>
#include <stdexcept>

#include "protocol/catalogue/release.h"

namespace jitrig {
namespace {

constexpr FullVersion kHead{0x01006900, 0x3011};

TEST(VersionWordTest, MajorAndMinor) {
  EXPECT_EQ(versionWord(1, 105), 0x01006900U);
  EXPECT_EQ(versionWord(1, 0), 0x01000000U);
  EXPECT_EQ(versionWord(1, 300), 0x01012c00U);
}

TEST(VersionWordTest, ConfigurationIsTheInverseOfItsWord) {
  EXPECT_EQ((Configuration{17, true, Architecture::x86}.word()), 0x3011U);
  EXPECT_EQ((Configuration{8, false, Architecture::none}.word()), 0x0008U);
  EXPECT_EQ((Configuration{4095, true, Architecture::arm64}.word()), 0xdfffU);
  for (std::uint32_t word = 0; word <= 0xffff; ++word) EXPECT_EQ(Configuration::fromWord(word).word(), word);
}

TEST(VersionWordTest, JavaVersionThatDoesNotFitIsRefused) {
  EXPECT_THROW((Configuration{4096, true, Architecture::x86}.word()), std::invalid_argument);
}

TEST(VersionWordTest, DescribesWhatASideAnnounces) {
  EXPECT_EQ(describe(kHead), "protocol 1.105, JDK 17, compressed references on, architecture x86");
  EXPECT_EQ(describe({versionWord(1, 103), 0x000b}), "protocol 1.103, JDK 11, compressed references off");
  EXPECT_EQ(describe({}), "no version");
  EXPECT_EQ(describe({versionWord(1, 105), 0xf011}),
            "protocol 1.105, JDK 17, compressed references on, architecture unknown architecture 7");
}

TEST(VersionWordTest, EqualSidesHaveNoDifference) {
  EXPECT_EQ(describeDifference(kHead, "a", kHead, "b"), "");
}

TEST(VersionWordTest, EachFieldThatDiffersIsNamed) {
  const FullVersion other{versionWord(1, 104), Configuration{11, false, Architecture::arm64}.word()};
  EXPECT_EQ(describeDifference(other, "client", kHead, "server"),
            "protocol: client 1.104, server 1.105; JDK: client 11, server 17; "
            "compressed references: client off, server on; architecture: client ARM64, server x86");
  EXPECT_EQ(describeDifference({kHead.version, 0x1011}, "client", kHead, "server"),
            "architecture: client none, server x86");
}

TEST(VersionWordTest, BitsThatNoReleaseUsesAreNamedToo) {
  EXPECT_EQ(describeDifference({kHead.version | 7, kHead.config | 0x20000}, "client", kHead, "server"),
            "lowest byte of the version word: client 0x7, server 0x0; "
            "unused configuration bits: client 0x2, server 0x0");
}

TEST(VersionWordTest, SideWithoutAVersion) {
  EXPECT_EQ(describeDifference({}, "client", kHead, "server"),
            "client announces no version; server has protocol 1.105, JDK 17, compressed references on, "
            "architecture x86");
}

TEST(VersionWordTest, PeerOfTheOtherByteOrderIsRecognised) {
  EXPECT_EQ(describeDifference(kHead, "server", {0x00690001, 0x11700000}, "client"),
            "server has protocol 1.105, JDK 17, compressed references on, architecture x86; "
            "client has the other byte order (version word 0x00690001, byte-swapped: protocol 1.105, JDK 17, "
            "compressed references on, architecture PowerBE)");
  EXPECT_TRUE(looksByteSwapped(0x00690001));
  EXPECT_FALSE(looksByteSwapped(kHead.version));
  EXPECT_FALSE(looksByteSwapped(0));
}

TEST(VersionWordTest, ReleaseAnnouncesTheArchitectureOnlyIfItHasTheBits) {
  Release release;
  release.protocol_major = 1;
  release.protocol_minor = 105;
  release.has_architecture_bits = true;
  EXPECT_EQ(release.defaultVersion(), kHead);
  release.has_architecture_bits = false;
  EXPECT_EQ(release.defaultVersion(), (FullVersion{kHead.version, 0x1011}));
  EXPECT_EQ(release.fullVersion({8, false, Architecture::z}), (FullVersion{kHead.version, 0x0008}));
  EXPECT_THROW(static_cast<void>(release.fullVersion({5000, false, Architecture::z})), std::invalid_argument);
}

}  // namespace
}  // namespace jitrig
