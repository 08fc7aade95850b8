#include "protocol/catalogue/types_in_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"

namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

template <class T>
std::vector<std::string> namesOf(const std::vector<const T*>& all) {
  std::vector<std::string> names;
  for (const T* one : all) names.push_back(one->name);
  return names;
}

class TypesInUseTest : public ::testing::Test {
 protected:
  TypesInUse of(std::string_view type) const { return typesInUse(release_, *table_->find(type)); }

  std::shared_ptr<const MessageTable> table_ = Catalogue::builtIn().defaultTable();
  const Release& release_ = table_->release();
};

TEST_F(TypesInUseTest, ScalarsAndPointersUseNone) {
  EXPECT_THAT(of("VM_isClassArray").aliases, IsEmpty());
  EXPECT_THAT(of("VM_isClassArray").structs, IsEmpty());
}

TEST_F(TypesInUseTest, StructsOfTheReplyAndStructsInThem) {
  EXPECT_THAT(namesOf(of("VM_getVMInfo").structs), ElementsAre("VMInfo", "TR_AOTHeader", "CacheDescriptor"));
}

TEST_F(TypesInUseTest, AliasesAndWhatTheyStandFor) {
  const TypesInUse use = of("ResolvedMethod_getResolvedStaticMethodAndMirror");
  EXPECT_THAT(namesOf(use.aliases), ElementsAre("TR_ResolvedJ9JITServerMethodInfo"));
  EXPECT_THAT(namesOf(use.structs), ElementsAre("TR_ResolvedJ9JITServerMethodInfoStruct"));
  EXPECT_THAT(namesOf(of("compilationCode").aliases),
              IsSupersetOf({"CHTableCommitData", "VirtualGuardForCHTable", "FlatClassLoadCheck"}));
}

TEST_F(TypesInUseTest, OfAStructAndOfAnAlias) {
  EXPECT_THAT(namesOf(typesInUse(release_, *release_.findStruct("VMInfo")).structs),
              ElementsAre("TR_AOTHeader"));
  const TypesInUse use = typesInUse(release_, *release_.findAlias("TR_ClientBondMethod"));
  EXPECT_THAT(namesOf(use.aliases), ElementsAre("TR_ResolvedJ9JITServerMethodInfo"));
}

TEST_F(TypesInUseTest, LayoutsAreFoundBySpelling) {
  EXPECT_EQ(layoutOf(release_, "TR::KnownObjectTable::ObjectInfo"), release_.findStruct("ObjectInfo"));
  EXPECT_EQ(layoutOf(release_, "TR_AddressRange[3]"), release_.findStruct("TR_AddressRange"));
  EXPECT_EQ(layoutOf(release_, "TR_AddressRange *"), nullptr);
  EXPECT_EQ(layoutOf(release_, "TR_AddressRange *[8]"), nullptr);
  EXPECT_EQ(layoutOf(release_, "int32_t"), nullptr);
  EXPECT_EQ(layoutOf(release_, ""), nullptr);
}

TEST_F(TypesInUseTest, ReleasesThatNameEachOtherInACircleEnd) {
  const Release circle{.name = "circle",
                       .status_codes = {},
                       .structs = {{"S", 8, 8, {{"B", "next", 0, 8}}}},
                       .aliases = {{"A", "std::tuple<B, S>"}, {"B", "std::vector<A>"}}};
  const TypesInUse use = typesInUse(circle, circle.aliases[0]);
  EXPECT_THAT(namesOf(use.aliases), ElementsAre("B", "A"));
  EXPECT_THAT(namesOf(use.structs), ElementsAre("S"));
}

/// The layout's size is the size that travels, in every release and build.
TEST_F(TypesInUseTest, LayoutsAreAsLargeAsTheObjectsThatTravel) {
  std::size_t compared = 0;
  for (const std::string& name : Catalogue::builtIn().releases()) {
    for (const Build build : {Build::openjdk, Build::j9}) {
      const auto table = Catalogue::builtIn().table(name, build).value();
      for (const MessageType& type : table->types()) {
        for (std::size_t i = 0; i < type.reply_cpp.size(); ++i) {
          const StructLayout* layout = layoutOf(table->release(), type.reply_cpp[i]);
          if (layout == nullptr) continue;
          ++compared;
          EXPECT_EQ((*type.reply)[i].object_size, layout->sizeIn(build)) << name << " " << type.name;
        }
      }
    }
  }
  EXPECT_GT(compared, 300U);
}

}  // namespace
}  // namespace jitrig
