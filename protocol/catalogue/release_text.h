#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {

/// A data file: the name of the release and its text (format: README.md).
struct NamedText {
  std::string_view name;
  std::string_view text;
};

/// One line of a data file, with where it stands for error messages.
struct TextLine {
  std::string_view file;
  std::size_t number = 0;
  std::string_view text;

  /// "0.60.0.txt:123: <what>".
  std::string error(std::string_view what) const;
};

/// A data file cut into its head lines and sections; nothing in them is understood yet. Views into the text.
class ReleaseText {
 public:
  /// The lines below a heading, blank ones and remarks left out.
  struct Section {
    TextLine heading;
    std::string_view like;  ///< the release whose section of this name is meant, or empty
    std::vector<TextLine> lines;
  };

  /// Refuses lines outside the format, keys and sections that are unknown, missing or there twice.
  static std::expected<ReleaseText, std::string> parse(NamedText named_text);

  /// The lines of the head, in the order of the README.
  enum Key : std::uint8_t { kRelease, kProtocol, kArchitectureBits, kMaxtype, kKeyCount };
  /// The sections, in the order of the README.
  enum SectionName : std::uint8_t { kStatusCodes, kTypes, kAliases, kStructs, kMessages, kSectionCount };

  /// The value of "key value"; `text` of the result is the value alone.
  const TextLine& head(Key key) const { return *head_[key]; }
  const Section& section(SectionName name) const { return *sections_[name]; }

 private:
  std::optional<std::string> addHead(const TextLine& line);
  std::optional<std::string> addHeading(const TextLine& line);

  std::array<std::optional<TextLine>, kKeyCount> head_;
  std::array<std::optional<Section>, kSectionCount> sections_;
  Section* current_ = nullptr;
};

}  // namespace jitrig
