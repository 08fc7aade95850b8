#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/wire/field_path.h"
#include "protocol/wire/text_error.h"

namespace jitrig {

/// Reads a JSON text value by value, in the order in which it stands, and knows at each error the offset and
/// the path of the field: for lines that people and tools wrote, of which nothing is believed. Strict (RFC
/// 8259), bounded in depth, no tree in memory.
///
///   JsonReader json(line);
///   std::string_view key;
///   json.enterObject();
///   while (json.nextKey(key)) {
///     if (key == "type") json.readString(type);
///     else json.fail(json.keyOffset(), "unknown key");
///   }
///   json.expectEnd();
///   if (json.failed()) return std::unexpected(json.error());
///
/// The first error stays: after it every call does nothing and returns false. Not thread-safe.
class JsonReader {
 public:
  /// What a value is; `nothing` where none begins.
  enum class Kind : std::uint8_t { object, array, string, number, boolean, null, nothing };

  /// Arrays and objects inside each other: enough for Values nested as deep as on the wire (value_json.h).
  static constexpr std::size_t kMaxDepth = 144;

  /// `json` must outlive the reader. `root` begins the paths in errors.
  explicit JsonReader(std::string_view json, std::string root = "") : json_(json), path_(std::move(root)) {}

  /// What the next value is, by its first character.
  Kind peek();

  /// Where the next value (or comma, or bracket) begins.
  std::size_t offset();

  /// Past the opening bracket, as enterArray() is; nextKey() then goes through the members.
  bool enterObject();
  /// Goes to the next member; its value is to be read or skipped next. False behind the last one, or failed.
  /// `key` is valid until the next call.
  bool nextKey(std::string_view& key);
  /// Where the key that nextKey() gave last begins.
  std::size_t keyOffset() const { return key_offset_; }

  /// Past the opening bracket; nextElement() then goes through the elements.
  bool enterArray();
  /// Goes to the next element, as nextKey does.
  bool nextElement();

  /// The value, whole and with its escapes resolved; an error if the next one is of another kind.
  bool readString(std::string& text);
  bool readBool(bool& value);
  /// The number as it is written; "-1.50e3" for instance.
  bool readNumber(std::string_view& number);
  /// Reads over the next value, whatever it is, and checks that it is one.
  bool skipValue();

  /// Nothing but blanks may follow.
  bool expectEnd();

  /// Records an error of the caller's own at the current path. Always false.
  bool fail(std::size_t offset, std::string message);
  bool failed() const { return failed_; }
  const TextError& error() const { return error_; }

 private:
  struct Container {
    bool is_array;
    std::size_t next_index;
    bool is_inside;  ///< the path has a part for a member or element
  };

  void skipBlanks();
  char current() const { return position_ < json_.size() ? json_[position_] : '\0'; }
  bool expectKind(Kind expected);
  bool enter(bool is_array);
  bool next(char closing_bracket);
  bool readWord(std::string_view word);
  bool readEscape(std::string& text);
  bool readUnicodeEscape(std::string& text);
  bool readFourDigits(std::uint32_t& value);

  std::string_view json_;
  std::size_t position_ = 0;
  std::size_t key_offset_ = 0;
  std::string key_;
  FieldPath path_;
  std::vector<Container> open_;
  bool failed_ = false;
  TextError error_;
};

}  // namespace jitrig
