#include "protocol/catalogue/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig {
namespace {

using ::testing::IsEmpty;

TEST(HistoryTest, AMessageTypeThroughItsNumbers) {
  const auto spans = messageHistory(Catalogue::builtIn(), "compilationInterrupted", Build::openjdk).value();
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(toString(spans[0]), "0.20.0 to 0.29.1");
  EXPECT_EQ(spans[0].what.number, 6);
  EXPECT_EQ(toString(spans[1]), "0.30.0 to 0.43.0");
  EXPECT_EQ(spans[1].what.number, 7);
  EXPECT_EQ(toString(spans[2]), "0.44.0 to head");
  EXPECT_EQ(spans[2].what.number, 9);
}

TEST(HistoryTest, ATypeThatOnlyOneBuildHas) {
  const char* name = "ResolvedMethod_varHandleMethodTypeTableEntryAddress";
  const auto openjdk = messageHistory(Catalogue::builtIn(), name, Build::openjdk).value();
  const auto j9 = messageHistory(Catalogue::builtIn(), name, Build::j9).value();
  EXPECT_NE(openjdk.back().last_release, "head");
  EXPECT_EQ(j9.back().last_release, "head");
}

/// Every release and every type of it lies in exactly one span that says the same.
TEST(HistoryTest, SpansCoverWhatTheTablesSay) {
  const Catalogue& catalogue = Catalogue::builtIn();
  for (const char* name : {"VM_getVMInfo", "compilationRequest", "ResolvedMethod_isFieldNullRestricted",
                           "VM_vTableOrITableIndexFromMemberName"}) {
    const auto spans = messageHistory(catalogue, name, Build::openjdk).value();
    std::size_t covered = 0;
    auto span = spans.begin();
    for (const std::string& release : catalogue.releases()) {
      const auto table = catalogue.table(release).value();
      const MessageType* type = table->find(name);
      if (type == nullptr) continue;
      ++covered;
      ASSERT_NE(span, spans.end()) << name << " " << release;
      EXPECT_EQ(span->what.number, type->number) << name << " " << release;
      EXPECT_EQ(span->what.request, type->request) << name << " " << release;
      EXPECT_EQ(span->what.reply, type->reply) << name << " " << release;
      if (span->last_release == release) ++span;
    }
    EXPECT_GT(covered, 1U) << name;
    EXPECT_EQ(span, spans.end()) << name;
  }
}

TEST(HistoryTest, AStructThroughItsSizes) {
  const auto spans = structHistory(Catalogue::builtIn(), "VMInfo").value();
  EXPECT_EQ(spans.front().first_release, "0.20.0");
  EXPECT_EQ(spans.back().last_release, "head");
  EXPECT_EQ(spans.back().what.size, 824U);
  for (std::size_t i = 1; i < spans.size(); ++i) EXPECT_NE(spans[i - 1].what, spans[i].what);
}

TEST(HistoryTest, ReleasesThatLackItEndASpan) {
  const std::string head =
      "protocol 1.0\narchitecture_bits no\nmaxtype 1\n[status_codes]\n[types]\n[aliases]\n";
  const std::string with = "[structs]\nS 8\n[messages]\nclient a ()\n";
  const std::string without = "[structs]\n[messages]\nclient b ()\n";
  const std::string first = "release 0.1.0\n" + head + with;
  const std::string second = "release 0.2.0\n" + head + without;
  const std::string third = "release 0.3.0\n" + head + with;
  const Catalogue catalogue(std::vector<NamedText>{{"0.1.0", first}, {"0.2.0", second}, {"0.3.0", third}});
  const auto messages = messageHistory(catalogue, "a", Build::openjdk).value();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(toString(messages[0]), "0.1.0");
  EXPECT_EQ(toString(messages[1]), "0.3.0");
  EXPECT_EQ(structHistory(catalogue, "S").value().size(), 2U);
}

TEST(HistoryTest, WhatNoReleaseHas) {
  EXPECT_THAT(messageHistory(Catalogue::builtIn(), "VM_noSuchMessage", Build::openjdk).value(), IsEmpty());
  EXPECT_THAT(structHistory(Catalogue::builtIn(), "").value(), IsEmpty());
}

TEST(HistoryTest, AnUnreadableReleaseIsNamed) {
  const Catalogue catalogue(std::vector<NamedText>{{"0.1.0", "release 0.1.0"}});
  EXPECT_THAT(messageHistory(catalogue, "a", Build::j9).error(), ::testing::HasSubstr("0.1.0.txt"));
  EXPECT_THAT(structHistory(catalogue, "S").error(), ::testing::HasSubstr("0.1.0.txt"));
}

}  // namespace
}  // namespace jitrig
