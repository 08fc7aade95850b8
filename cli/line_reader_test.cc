#include "cli/line_reader.h"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace jitrig {
namespace {

constexpr std::size_t kMaxLineBytes = 8;

/// A pipe into which the parts are written, each when the reader has taken the one before.
class ReadLines {
 public:
  explicit ReadLines(const std::vector<std::string>& parts, std::size_t max_line_bytes = kMaxLineBytes) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    std::size_t written = 0;
    LineReader reader(ends[0], max_line_bytes, [&] {
      if (written == parts.size()) {
        if (ends[1] >= 0) close(std::exchange(ends[1], -1));
        return;
      }
      const std::string& part = parts[written++];
      EXPECT_EQ(write(ends[1], part.data(), part.size()), static_cast<ssize_t>(part.size()));
    });
    std::string_view line;
    for (auto outcome = reader.next(line); outcome != LineReader::Outcome::end; outcome = reader.next(line)) {
      const bool is_line = outcome == LineReader::Outcome::line;
      lines.push_back(std::to_string(reader.lineNumber()) +
                      (is_line ? ":" + std::string(line) : " too long"));
    }
    close(ends[0]);
  }

  std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

TEST(LineReaderTest, LinesEndWithOneOrTwoCharactersOrTheInput) {
  EXPECT_EQ(ReadLines({"a\nbc\r\n\n\r\nd"}).lines, (Lines{"1:a", "2:bc", "3:", "4:", "5:d"}));
  EXPECT_EQ(ReadLines({}).lines, Lines{});
  EXPECT_EQ(ReadLines({"\n"}).lines, Lines{"1:"});
}

TEST(LineReaderTest, EverySplitGivesTheSameLines) {
  const std::string text = "12345678\n123456789\nab\r\n\nx";
  const Lines expected{"1:12345678", "2 too long", "3:ab", "4:", "5:x"};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    // An empty part would be taken for the end.
    std::vector<std::string> parts;
    for (const std::string& part : {text.substr(0, cut), text.substr(cut)}) {
      if (!part.empty()) parts.push_back(part);
    }
    EXPECT_EQ(ReadLines(parts).lines, expected) << cut;
  }
  std::vector<std::string> bytes;
  for (const char byte : text) bytes.emplace_back(1, byte);
  EXPECT_EQ(ReadLines(bytes).lines, expected);
}

TEST(LineReaderTest, TheLimitCountsWithoutTheNewline) {
  EXPECT_EQ(ReadLines({"12345678\n123456789\n"}).lines, (Lines{"1:12345678", "2 too long"}));
  EXPECT_EQ(ReadLines({"1234567\r\n12345678"}).lines, (Lines{"1:1234567", "2:12345678"}));
}

TEST(LineReaderTest, ATooLongLastLineWithoutEnd) {
  EXPECT_EQ(ReadLines({"a\n", "123456789", "0"}).lines, (Lines{"1:a", "2 too long"}));
  EXPECT_EQ(ReadLines({"123456789"}).lines, Lines{"1 too long"});
}

TEST(LineReaderTest, ATooLongLineIsSaidBeforeItEnds) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const std::string begin = "123456789";
  ASSERT_EQ(write(ends[1], begin.data(), begin.size()), 9);
  LineReader reader(ends[0], kMaxLineBytes, [] {});
  std::string_view line;
  EXPECT_EQ(reader.next(line), LineReader::Outcome::tooLong) << "and nothing is waited for";
  const std::string rest = "0\nb";
  ASSERT_EQ(write(ends[1], rest.data(), rest.size()), 3);
  close(ends[1]);
  ASSERT_EQ(reader.next(line), LineReader::Outcome::line);
  EXPECT_EQ(line, "b");
  EXPECT_EQ(reader.lineNumber(), 2U);
  close(ends[0]);
}

TEST(LineReaderTest, ALineLargerThanOneRead) {
  const std::string large(50'000, 'x');
  const auto lines = ReadLines({large, large, large, "\nb"}, 200'000).lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "1:" + large + large + large);
  EXPECT_EQ(lines[1], "2:b");
}

TEST(LineReaderTest, AFolderCannotBeRead) {
  const int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_GE(folder, 0);
  LineReader reader(folder, kMaxLineBytes, [] {});
  std::string_view line;
  EXPECT_EQ(reader.next(line), LineReader::Outcome::failed);
  EXPECT_EQ(reader.reason(), "Is a directory");
  close(folder);
}

}  // namespace
}  // namespace jitrig
