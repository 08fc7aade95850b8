#include "protocol/catalogue/release_loader.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <map>

#include "protocol/catalogue/cpp_types.h"
#include "protocol/catalogue/message_lines.h"
#include "protocol/catalogue/type_expression.h"

namespace jitrig {

namespace {

using Section = ReleaseText::Section;

constexpr std::string_view kJ9Mark = " | j9 ";
constexpr std::string_view kIs = " = ";

/// The text of a release and of those its sections are like.
class ReleaseFiles {
 public:
  static std::expected<ReleaseFiles, std::string> open(std::span<const NamedText> texts,
                                                       std::string_view name) {
    ReleaseFiles files;
    if (auto error = files.read(texts, name)) return std::unexpected(std::move(*error));
    files.main_ = &files.by_name_.at(name);
    for (int i = 0; i < ReleaseText::kSectionCount; ++i) {
      const Section& section = files.main_->section(static_cast<ReleaseText::SectionName>(i));
      if (section.like.empty() || files.by_name_.contains(section.like)) continue;
      if (auto error = files.read(texts, section.like)) {
        return std::unexpected(section.heading.error(*error));
      }
    }
    return files;
  }

  const ReleaseText& main() const { return *main_; }

  /// A section's lines, its own or those of the release that it is like.
  std::expected<const std::vector<TextLine>*, std::string> lines(ReleaseText::SectionName name) const {
    const Section& own = main_->section(name);
    if (own.like.empty()) return &own.lines;
    const Section& other = by_name_.at(own.like).section(name);
    if (other.like.empty()) return &other.lines;
    return std::unexpected(
        own.heading.error(fmt::format("release {} has no lines of its own in this section", own.like)));
  }

 private:
  std::optional<std::string> read(std::span<const NamedText> texts, std::string_view name) {
    const auto text = std::ranges::find(texts, name, &NamedText::name);
    if (text == texts.end()) return fmt::format("there is no release {}", name);
    auto parsed = ReleaseText::parse(*text);
    if (!parsed) return std::move(parsed.error());
    by_name_.emplace(name, std::move(*parsed));
    return std::nullopt;
  }

  std::map<std::string_view, ReleaseText> by_name_;  // its nodes stay where they are when the map moves
  const ReleaseText* main_ = nullptr;
};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "a" is the same for both builds, "a | j9 b" is not.
struct PerBuild {
  std::string_view openjdk;
  std::string_view j9;

  explicit PerBuild(std::string_view text) : openjdk(text), j9(text) {
    const std::size_t mark = text.find(kJ9Mark);
    if (mark == std::string_view::npos) return;
    openjdk = text.substr(0, mark);
    j9 = text.substr(mark + kJ9Mark.size());
  }

  std::string_view operator[](Build build) const { return build == Build::openjdk ? openjdk : j9; }
};

std::optional<std::string> readHead(const ReleaseText& text, Release& release) {
  release.name = text.head(ReleaseText::kRelease).text;
  const TextLine& protocol = text.head(ReleaseText::kProtocol);
  const std::size_t dot = protocol.text.find('.');
  const auto major = number(protocol.text.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::nullopt : number(protocol.text.substr(dot + 1));
  if (!major || !minor || *major > 0xff || *minor > 0xffff) return protocol.error("expected MAJOR.MINOR");
  release.protocol_major = *major;
  release.protocol_minor = *minor;
  const TextLine& bits = text.head(ReleaseText::kArchitectureBits);
  if (bits.text != "yes" && bits.text != "no") return bits.error("expected yes or no");
  release.has_architecture_bits = bits.text == "yes";
  return std::nullopt;
}

/// "compilationOK 0"
std::optional<std::string> readStatusCodes(const std::vector<TextLine>& lines, Release& release) {
  for (const TextLine& line : lines) {
    const std::size_t space = line.text.find(' ');
    const auto code = space == std::string_view::npos ? std::nullopt : number(line.text.substr(space + 1));
    if (!code) return line.error("expected a status and its number");
    release.status_codes.push_back({std::string(line.text.substr(0, space)), *code});
  }
  return std::nullopt;
}

/// "  8 4 _type TR::DataType": offset, size, name, C++ type
std::optional<StructField> readField(std::string_view text) {
  std::array<std::string_view, 3> words;
  for (std::string_view& word : words) {
    text = trimmed(text);
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    word = text.substr(0, space);
    text = text.substr(space + 1);
  }
  const auto offset = number(words[0]);
  const auto size = number(words[1]);
  if (!offset || !size || text.empty()) return std::nullopt;
  return StructField{std::string(text), std::string(words[2]), *offset, *size};
}

/// "VMInfo 824 | j9 808" or "ConstRefInfo 24 | j9 absent"
std::optional<StructLayout> readStruct(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const PerBuild sizes(text.substr(space + 1));
  const auto size = number(sizes.openjdk);
  const auto size_j9 = number(sizes.j9);
  if (!size || (!size_j9 && sizes.j9 != "absent")) return std::nullopt;
  return StructLayout{std::string(text.substr(0, space)), *size, size_j9, {}};
}

std::optional<std::string> readStructs(const std::vector<TextLine>& lines, Release& release) {
  for (const TextLine& line : lines) {
    if (line.text.front() != ' ') {
      auto layout = readStruct(line.text);
      if (!layout) return line.error("expected a struct's name and size");
      release.structs.push_back(std::move(*layout));
      continue;
    }
    auto field = readField(line.text);
    if (!field || release.structs.empty())
      return line.error("expected a field: offset, size, name, C++ type");
    StructLayout& layout = release.structs.back();
    if (field->offset > layout.size || field->size > layout.size - field->offset) {
      return line.error(fmt::format("the field lies beyond the {} bytes of {}", layout.size, layout.name));
    }
    layout.fields.push_back(std::move(*field));
  }
  return std::nullopt;
}

/// "ClassInfoTuple = std::tuple<...>"; what is right of the sign is checked by loadMessageTable.
std::optional<std::string> readAliases(const std::vector<TextLine>& lines, Release& release) {
  for (const TextLine& line : lines) {
    const std::size_t is = line.text.find(kIs);
    if (is == std::string_view::npos) return line.error("expected 'C++ type = shape'");
    release.aliases.push_back(
        {std::string(line.text.substr(0, is)), std::string(line.text.substr(is + kIs.size()))});
  }
  return std::nullopt;
}

/// "VMInfo = object(824) | j9 object(808)" in [types], "ClassInfoTuple = std::tuple<...>" in [aliases]
template <class Resolve>
std::optional<std::string> readTypes(const std::vector<TextLine>& lines, CppTypes& types, Resolve resolve) {
  for (const TextLine& line : lines) {
    const std::size_t is = line.text.find(kIs);
    if (is == std::string_view::npos) return line.error("expected 'C++ type = shape'");
    std::expected<WireType, std::string> type = resolve(line.text.substr(is + kIs.size()));
    if (!type) return line.error(type.error());
    if (auto added = types.add(line.text.substr(0, is), std::move(*type)); !added)
      return line.error(added.error());
  }
  return std::nullopt;
}

std::expected<std::shared_ptr<const Release>, std::string> readRelease(const ReleaseFiles& files) {
  auto release = std::make_shared<Release>();
  const auto status_codes = files.lines(ReleaseText::kStatusCodes);
  if (!status_codes) return std::unexpected(status_codes.error());
  const auto structs = files.lines(ReleaseText::kStructs);
  if (!structs) return std::unexpected(structs.error());
  const auto aliases = files.lines(ReleaseText::kAliases);
  if (!aliases) return std::unexpected(aliases.error());
  std::optional<std::string> error = readHead(files.main(), *release);
  if (!error) error = readStatusCodes(**status_codes, *release);
  if (!error) error = readStructs(**structs, *release);
  if (!error) error = readAliases(**aliases, *release);
  if (error) return std::unexpected(std::move(*error));
  return release;
}

std::expected<CppTypes, std::string> readCppTypes(const ReleaseFiles& files, Build build) {
  const auto type_lines = files.lines(ReleaseText::kTypes);
  if (!type_lines) return std::unexpected(type_lines.error());
  const auto alias_lines = files.lines(ReleaseText::kAliases);
  if (!alias_lines) return std::unexpected(alias_lines.error());
  CppTypes types;
  auto error = readTypes(**type_lines, types,
                         [build](std::string_view text) { return WireType::parse(PerBuild(text)[build]); });
  if (!error) {
    // An alias knows only those above it, so there are no cycles.
    error = readTypes(**alias_lines, types, [&types](std::string_view text) { return types.wireType(text); });
  }
  if (error) return std::unexpected(std::move(*error));
  return types;
}

}  // namespace

std::expected<std::shared_ptr<const Release>, std::string> loadRelease(std::span<const NamedText> texts,
                                                                       std::string_view name) {
  const auto files = ReleaseFiles::open(texts, name);
  if (!files) return std::unexpected(files.error());
  return readRelease(*files);
}

std::expected<std::shared_ptr<const MessageTable>, std::string> loadMessageTable(
    std::span<const NamedText> texts, std::string_view name, Build build) {
  const auto files = ReleaseFiles::open(texts, name);
  if (!files) return std::unexpected(files.error());
  auto release = readRelease(*files);
  if (!release) return std::unexpected(std::move(release.error()));
  const auto types = readCppTypes(*files, build);
  if (!types) return std::unexpected(types.error());
  const auto lines = files->lines(ReleaseText::kMessages);
  if (!lines) return std::unexpected(lines.error());
  auto messages = parseMessageLines(**lines, *types, build);
  if (!messages) return std::unexpected(std::move(messages.error()));

  const TextLine& maxtype_line = files->main().head(ReleaseText::kMaxtype);
  const auto maxtype = number(PerBuild(maxtype_line.text)[build]);
  if (!maxtype) return std::unexpected(maxtype_line.error("expected a number, or 'N | j9 M'"));
  auto table = MessageTable::make(std::move(*release), build, *maxtype, std::move(*messages));
  if (!table)
    return std::unexpected(files->main().section(ReleaseText::kMessages).heading.error(table.error()));
  return std::make_shared<const MessageTable>(std::move(*table));
}

}  // namespace jitrig
