#include "cli/catalogue_subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CatalogueSubjectTest : public ::testing::Test {
 protected:
  static std::string errorOf(std::string_view given, std::string_view release = "head",
                             Build build = Build::openjdk) {
    const auto table = Catalogue::builtIn().table(release, build).value();
    const auto found = findSubject(*table, given);
    return found ? "found" : found.error();
  }

  std::shared_ptr<const MessageTable> table_ = Catalogue::builtIn().defaultTable();
};

TEST_F(CatalogueSubjectTest, AMessageTypeByNameOrNumber) {
  for (const char* given : {"VM_isClassArray", "67", "#67", "067"}) {
    const auto found = findSubject(*table_, given);
    ASSERT_TRUE(found) << found.error();
    EXPECT_EQ(std::get<const MessageType*>(*found)->name, "VM_isClassArray") << given;
  }
}

TEST_F(CatalogueSubjectTest, AStructOrAnAlias) {
  for (const char* given : {"ObjectInfo", "TR::KnownObjectTable::ObjectInfo"}) {
    EXPECT_EQ(std::get<const StructLayout*>(findSubject(*table_, given).value())->name, "ObjectInfo");
  }
  EXPECT_EQ(std::get<const TypeAlias*>(findSubject(*table_, "ClassInfoTuple").value())->name,
            "ClassInfoTuple");
}

TEST_F(CatalogueSubjectTest, NumbersThatTheReleaseDoesNotHave) {
  for (const char* given : {"237", "#65535", "65536", "99999999999999999999"}) {
    EXPECT_THAT(errorOf(given),
                AllOf(StartsWith("release head, openjdk build, has no message type with the number"),
                      HasSubstr("0 to 236")));
  }
  EXPECT_THAT(errorOf("99", "0.20.0"), HasSubstr("lie in 0 to 1210"));
}

TEST_F(CatalogueSubjectTest, MisspelledNames) {
  EXPECT_EQ(errorOf("VM_isKlassArray"),
            "release head, openjdk build, has no message type, struct or alias 'VM_isKlassArray'; near are "
            "VM_isClassArray");
  EXPECT_THAT(errorOf("vminfo"), HasSubstr("near are VMInfo, VM_getVMInfo"));
  EXPECT_THAT(errorOf("classinfotuple"), HasSubstr("near are ClassInfoTuple"));
}

TEST_F(CatalogueSubjectTest, NamesLikeNoOther) {
  for (const char* given : {"", "#", "-1", "qqqqqqqqqqqqqqq", "67x"}) {
    EXPECT_THAT(errorOf(given), HasSubstr("expected a name or number that jitrig catalogue list shows"))
        << given;
  }
}

TEST_F(CatalogueSubjectTest, NamesOfAnotherBuildOrRelease) {
  EXPECT_THAT(errorOf("ResolvedMethod_varHandleMethodTypeTableEntryAddress"),
              AllOf(HasSubstr("; the j9 build has it in 0.20.0 to head"), Not(HasSubstr("near are"))));
  EXPECT_THAT(errorOf("ConstRefInfo", "head", Build::j9),
              HasSubstr("; the openjdk build has the struct in 0.59.0 to head"));
  EXPECT_EQ(errorOf("ConstRefInfo"), "found");
}

TEST_F(CatalogueSubjectTest, WhoUsesAType) {
  EXPECT_THAT(usersOf(*table_, *table_->release().findStruct("VMInfo")),
              ::testing::ElementsAre("VM_getVMInfo"));
  EXPECT_THAT(usersOf(*table_, *table_->release().findStruct("TR_AOTHeader")), Contains("VM_getVMInfo"))
      << "inside VMInfo";
  EXPECT_THAT(usersOf(*table_, *table_->release().findAlias("ClassInfoTuple")),
              AllOf(Contains("compilationRequest"), Contains("AOTCache_getROMClassBatch")));
}

}  // namespace
}  // namespace jitrig
