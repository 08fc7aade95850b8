#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {

/// A value of a YAML text. An alias is the same object as what it stands for.
struct YamlNode {
  /// What a text can hold.
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  std::size_t line = 1;
  std::string text;                                    ///< of a scalar
  std::vector<std::shared_ptr<const YamlNode>> items;  ///< of a list
  /// Of a map, in the order of the file: key and value.
  std::vector<std::pair<std::shared_ptr<const YamlNode>, std::shared_ptr<const YamlNode>>> entries;

  bool isScalar() const { return kind == Kind::scalar; }
  bool isList() const { return kind == Kind::list; }
  bool isMap() const { return kind == Kind::map; }
  /// The value of that key; nullptr if this is no map or has none.
  const YamlNode* find(std::string_view key) const;
};

/// A finished error text, "script.yaml:7: …".
class YamlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads YAML that people wrote, and says with file and line what is wrong with it. All functions throw
/// YamlError and nothing else.
class YamlReader {
 public:
  /// Deeper nesting is refused, before it costs stack.
  static constexpr std::size_t kMaxDepth = 32;
  static constexpr std::size_t kMaxNodes = 300'000;

  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  /// The one document of the text.
  std::shared_ptr<const YamlNode> parse(std::string_view text) const;

  /// Throws the error with file and line.
  [[noreturn]] void fail(const YamlNode& node, const std::string& what) const { fail(node.line, what); }
  /// The same for a line of which there is no node.
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;

  /// The node is a map with none but these keys, each at most once. `what` is for the error: "a fault".
  void requireMap(const YamlNode& node, std::string_view what,
                  std::span<const std::string_view> allowed) const;
  void requireMap(const YamlNode& node, std::string_view what,
                  std::initializer_list<std::string_view> allowed) const {
    requireMap(node, what, std::span(allowed.begin(), allowed.size()));
  }

  // Values. `what` is for the error, usually the key.

  /// Any scalar, as it stands there.
  const std::string& text(const YamlNode& node, std::string_view what) const;
  /// true, false, yes, no, on, off.
  bool flag(const YamlNode& node, std::string_view what) const;
  /// A whole number: decimal, or hexadecimal after 0x.
  std::uint64_t number(const YamlNode& node, std::string_view what, std::uint64_t min,
                       std::uint64_t max) const;
  /// The elements of a list of at most `max`.
  std::span<const std::shared_ptr<const YamlNode>> list(const YamlNode& node, std::string_view what,
                                                        std::size_t max) const;

 private:
  std::string file_;
};

}  // namespace jitrig
