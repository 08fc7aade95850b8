#include "cli/text_table.h"

#include <gtest/gtest.h>
#include <stdexcept>

namespace jitrig {
namespace {

using enum TextTable::Align;

TextTable example() {
  TextTable table({right, left, left});
  table.addRow({"7", "name", "(bool)"});
  table.addRow({"1000", "longer", ""});
  return table;
}

std::string text(const TextTable& table, std::size_t indent, std::size_t width) {
  std::string out;
  table.append(out, indent, width);
  return out;
}

TEST(TextTableTest, ColumnsAreAlignedAndLinesEndWithoutBlanks) {
  EXPECT_EQ(text(example(), 0, 0),
            "   7  name    (bool)\n"
            "1000  longer\n");
  EXPECT_EQ(text(example(), 2, 0),
            "     7  name    (bool)\n"
            "  1000  longer\n");
}

TEST(TextTableTest, LongLinesAreCutToTheWidth) {
  EXPECT_EQ(text(example(), 0, 20), text(example(), 0, 0)) << "fits exactly";
  EXPECT_EQ(text(example(), 0, 19),
            "   7  name    (b...\n"
            "1000  longer\n");
  EXPECT_EQ(text(example(), 0, 3), text(example(), 0, 0)) << "no room for anything";
}

TEST(TextTableTest, NoRows) {
  EXPECT_EQ(text(TextTable({left}), 0, 0), "");
}

TEST(TextTableTest, ARowNeedsAllItsCells) {
  TextTable table({left, left});
  EXPECT_THROW(table.addRow({"one"}), std::logic_error);
}

}  // namespace
}  // namespace jitrig
