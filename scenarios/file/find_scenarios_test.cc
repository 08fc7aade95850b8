#include "scenarios/file/find_scenarios.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

class FindScenariosTest : public ::testing::Test {
 protected:
  FindScenariosTest() {
    write("fault/reset.yaml");
    write("fault/close.yaml");
    write("tls/close.yaml");
    write("notes.txt");
  }
  ~FindScenariosTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& path) {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << "description: x\n";
  }
  static std::vector<std::string> namesOf(const std::vector<ScenarioFile>& files) {
    std::vector<std::string> names;
    for (const ScenarioFile& file : files) names.push_back(file.name);
    return names;
  }
  std::vector<std::string> found(const std::string& wanted) const {
    const auto files = findScenarios(wanted, known());
    EXPECT_TRUE(files) << files.error();
    return files ? namesOf(*files) : std::vector<std::string>{};
  }
  std::vector<ScenarioFile> known() const { return *scenariosBelow(folder_.string()); }

  std::filesystem::path folder_ = ::testing::TempDir() + "find_scenarios_" +
                                  ::testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                                  std::to_string(::getpid());
};

TEST_F(FindScenariosTest, AreTheYamlFilesBelowAFolderByName) {
  EXPECT_EQ(namesOf(known()), (std::vector<std::string>{"fault/close", "fault/reset", "tls/close"}));
  EXPECT_THAT(scenariosBelow("/nowhere").error(), HasSubstr("/nowhere: "));
}

TEST_F(FindScenariosTest, ByNameByLastPartByPathAndByFolder) {
  EXPECT_EQ(found("fault/reset"), std::vector<std::string>{"fault/reset"});
  EXPECT_EQ(found("reset"), std::vector<std::string>{"fault/reset"});
  EXPECT_EQ(found((folder_ / "tls/close.yaml").string()), std::vector<std::string>{"tls/close"});
  EXPECT_EQ(found((folder_ / "fault").string()), (std::vector<std::string>{"fault/close", "fault/reset"}));
  const std::string notes = (folder_ / "notes.txt").string();
  EXPECT_EQ(found(notes), std::vector<std::string>{notes}) << "not known, so it goes by its path";
  const auto unknown = findScenarios((folder_ / "tls").string(), {});
  EXPECT_EQ(namesOf(*unknown), std::vector<std::string>{(folder_ / "tls/close.yaml").string()});
}

TEST_F(FindScenariosTest, WhatThereIsNotIsSaidWithTheNearest) {
  EXPECT_EQ(findScenarios("close", known()).error(), "'close' may be fault/close, tls/close");
  EXPECT_EQ(findScenarios("fault/rest", known()).error(),
            "there is no file and no scenario 'fault/rest'; the nearest: fault/reset");
  EXPECT_THAT(findScenarios("zzzzzzzzz", known()).error(), HasSubstr("jitrig scenario list shows all"));
}

}  // namespace
}  // namespace jitrig::test
