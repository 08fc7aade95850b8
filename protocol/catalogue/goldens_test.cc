// Messages that the real code wrote have the signatures of the catalogue.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

/// What the sender of a golden should have written.
const std::optional<std::vector<WireType>>& signature(const MessageType& type, const std::string& sender) {
  const bool sent_by_server = sender == "server";
  const bool server_starts = type.direction != MessageType::Direction::clientToServer;
  return sent_by_server == server_starts ? type.request : type.reply;
}

TEST(GoldensTest, EveryTrueMessageFitsItsSignature) {
  const auto head = Catalogue::builtIn().defaultTable();
  std::ifstream file(JITRIG_SOURCE_DIR "/testdata/goldens.jsonl");
  ASSERT_TRUE(file);
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json golden = nlohmann::json::parse(line);
    const std::string name = golden.at("name");
    const MessageType* type = head->find(golden.at("message_type_number").get<std::uint16_t>());
    ASSERT_NE(type, nullptr) << name;
    EXPECT_EQ(type->name, golden.at("message_type").get<std::string>()) << name;
    if (!name.starts_with("true_")) continue;

    const auto bytes = parseHex(golden.at("bytes").get<std::string>());
    ASSERT_TRUE(bytes) << name;
    const auto message = Message::parse(*bytes, {{}, head->bodylessTypes()});
    ASSERT_TRUE(message) << name;
    const auto& expected = signature(*type, golden.at("direction"));
    ASSERT_TRUE(expected) << name << ": the catalogue does not know these types";
    const auto misfit = checkDataPoints(toValues(*message), *expected);
    EXPECT_FALSE(misfit) << name << ": " << toString(*misfit);
    ++checked;
  }
  EXPECT_EQ(checked, 14U);
}

}  // namespace
}  // namespace jitrig
