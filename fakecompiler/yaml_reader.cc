#include "fakecompiler/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace jitrig {
namespace {

/// Builds our tree from the parser's events. yaml-cpp's own tree copies nothing for an alias either, but
/// building it recurses as deep as the text nests; here the first level too many ends it.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const YamlReader& reader) : reader_(reader) {}

  std::shared_ptr<const YamlNode> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(mark, anchor, YamlNode::Kind::null));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) reader_.fail(lineOf(mark), "an alias to something unknown");
    const auto is_open = [&](const Open& open) { return open.node == found->second; };
    if (std::ranges::any_of(open_, is_open)) reader_.fail(lineOf(mark), "an alias inside what it stands for");
    add(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = make(mark, anchor, YamlNode::Kind::scalar);
    node->text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(mark, anchor, YamlNode::Kind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(mark, anchor, YamlNode::Kind::map));
  }
  void OnMapEnd() override { close(); }

  static std::size_t lineOf(const YAML::Mark& mark) {
    return mark.is_null() || mark.line < 0 ? 1 : static_cast<std::size_t>(mark.line) + 1;
  }

 private:
  struct Open {
    std::shared_ptr<YamlNode> node;
    std::shared_ptr<const YamlNode> key;  ///< of a map, waiting for its value
  };

  std::shared_ptr<YamlNode> make(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (++nodes_ > YamlReader::kMaxNodes) {
      reader_.fail(lineOf(mark), fmt::format("more than {} values", YamlReader::kMaxNodes));
    }
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = lineOf(mark);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    return node;
  }

  void open(std::shared_ptr<YamlNode> node) {
    if (open_.size() == YamlReader::kMaxDepth) {
      reader_.fail(*node, fmt::format("nested more than {} deep", YamlReader::kMaxDepth));
    }
    open_.push_back({std::move(node), nullptr});
  }

  void close() {
    std::shared_ptr<YamlNode> node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(std::shared_ptr<const YamlNode> node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.node->isList()) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      parent.node->entries.emplace_back(std::move(parent.key), std::move(node));
      parent.key = nullptr;
    }
  }

  const YamlReader& reader_;
  std::shared_ptr<const YamlNode> root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::shared_ptr<const YamlNode>> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name->isScalar() && name->text == key) return value.get();
  }
  return nullptr;
}

std::shared_ptr<const YamlNode> YamlReader::parse(std::string_view text) const {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(*this);
    std::shared_ptr<const YamlNode> root;
    std::size_t documents = 0;
    while (parser.HandleNextDocument(builder)) {
      auto document = builder.take();
      if (++documents == 1)
        root = std::move(document);
      else
        fail(document ? document->line : 1, "expected one YAML document, found another");
    }
    if (!root) fail(1, "expected one YAML document, found 0");
    return root;
  } catch (const YAML::Exception& exception) {
    fail(TreeBuilder::lineOf(exception.mark), exception.msg);
  }
}

void YamlReader::fail(std::size_t line, const std::string& what) const {
  throw YamlError(fmt::format("{}:{}: {}", file_, line, what));
}

void YamlReader::requireMap(const YamlNode& node, std::string_view what,
                            std::span<const std::string_view> allowed) const {
  if (!node.isMap()) {
    fail(node, fmt::format("{} must be a mapping; its keys are {}", what, fmt::join(allowed, ", ")));
  }
  std::set<std::string_view> seen;
  for (const auto& [name, value] : node.entries) {
    const std::string& key = text(*name, "a key");
    if (std::ranges::find(allowed, key) == allowed.end()) {
      fail(*name, fmt::format("unknown key '{}'; known here: {}", key, fmt::join(allowed, ", ")));
    }
    if (!seen.insert(key).second) fail(*name, fmt::format("the key '{}' stands here twice", key));
  }
}

const std::string& YamlReader::text(const YamlNode& node, std::string_view what) const {
  if (!node.isScalar()) fail(node, fmt::format("{} must be a plain value", what));
  return node.text;
}

bool YamlReader::flag(const YamlNode& node, std::string_view what) const {
  const std::string& word = text(node, what);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  fail(node, fmt::format("{}: expected true or false, not '{}'", what, word));
}

std::uint64_t YamlReader::number(const YamlNode& node, std::string_view what, std::uint64_t min,
                                 std::uint64_t max) const {
  const std::string& word = text(node, what);
  const bool is_hex = word.starts_with("0x");
  const bool is_negative = word.starts_with('-');
  const std::string_view digits = std::string_view(word).substr(is_hex ? 2 : is_negative ? 1 : 0);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
  if (digits.empty() || end != digits.data() + digits.size()) {
    fail(node, fmt::format("{}: expected a whole number from {} to {}, not '{}'", what, min, max, word));
  }
  if (is_negative || error != std::errc{} || value < min || value > max) {
    fail(node, fmt::format("{}: {} is not between {} and {}", what, word, min, max));
  }
  return value;
}

std::span<const std::shared_ptr<const YamlNode>> YamlReader::list(const YamlNode& node, std::string_view what,
                                                                  std::size_t max) const {
  if (!node.isList()) fail(node, fmt::format("'{}' must be a list", what));
  if (node.items.size() > max) {
    fail(node, fmt::format("{}: {} of them, more than {}", what, node.items.size(), max));
  }
  return node.items;
}

}  // namespace jitrig
