#include "protocol/catalogue/version_word.h"

#include <array>
#include <fmt/core.h>
#include <stdexcept>

namespace jitrig {

namespace {

constexpr std::uint32_t kCompressedReferencesBit = 0x1000;
constexpr unsigned kArchitectureShift = 13;
constexpr std::uint32_t kArchitectureMask = 7;
constexpr unsigned kUnusedShift = 16;

std::string protocolText(std::uint32_t version) {
  return fmt::format("{}.{}", version >> 24U, version >> 8U & 0xffffU);
}

const char* onOff(bool on) {
  return on ? "on" : "off";
}

constexpr std::uint32_t byteSwapped(std::uint32_t word) {
  return word >> 24U | (word >> 8U & 0xff00U) | (word << 8U & 0xff0000U) | word << 24U;
}

/// Why a side cannot be compared field by field, or empty.
std::string oddity(FullVersion side, std::string_view name) {
  if (side == FullVersion{}) return fmt::format("{} announces no version", name);
  if (looksByteSwapped(side.version)) {
    return fmt::format("{} has the other byte order (version word 0x{:08x}, byte-swapped: {})", name,
                       side.version, describe({byteSwapped(side.version), byteSwapped(side.config)}));
  }
  return {};
}

/// Collects "what: client X, server Y" for the fields that differ.
class DifferenceText {
 public:
  DifferenceText(std::string_view first_name, std::string_view second_name)
      : first_name_(first_name), second_name_(second_name) {}

  void compare(std::string_view what, const std::string& first, const std::string& second) {
    if (first == second) return;
    if (!text_.empty()) text_ += "; ";
    text_ += fmt::format("{}: {} {}, {} {}", what, first_name_, first, second_name_, second);
  }

  const std::string& text() const { return text_; }

 private:
  std::string_view first_name_;
  std::string_view second_name_;
  std::string text_;
};

}  // namespace

std::string toString(Architecture architecture) {
  static constexpr std::array<const char*, 7> kNames{"none", "x86", "PowerLE", "PowerBE",
                                                     "Z",    "ARM", "ARM64"};
  const auto index = static_cast<std::size_t>(architecture);
  return index < kNames.size() ? kNames[index] : fmt::format("unknown architecture {}", index);
}

std::uint32_t Configuration::word() const {
  if (java_version > kMaxJavaVersion) {
    throw std::invalid_argument(fmt::format("Java version {} does not fit the configuration word: at most {}",
                                            java_version, kMaxJavaVersion));
  }
  return java_version | (compressed_references ? kCompressedReferencesBit : 0) |
         static_cast<std::uint32_t>(architecture) << kArchitectureShift;
}

Configuration Configuration::fromWord(std::uint32_t word) {
  return {word & kMaxJavaVersion, (word & kCompressedReferencesBit) != 0,
          static_cast<Architecture>(word >> kArchitectureShift & kArchitectureMask)};
}

std::string describe(FullVersion version) {
  if (version == FullVersion{}) return "no version";
  const Configuration config = Configuration::fromWord(version.config);
  std::string text =
      fmt::format("protocol {}, JDK {}, compressed references {}", protocolText(version.version),
                  config.java_version, onOff(config.compressed_references));
  if (config.architecture != Architecture::none) text += ", architecture " + toString(config.architecture);
  return text;
}

std::string describeDifference(FullVersion first, std::string_view first_name, FullVersion second,
                               std::string_view second_name) {
  if (first == second) return {};
  const std::string first_oddity = oddity(first, first_name);
  const std::string second_oddity = oddity(second, second_name);
  if (!first_oddity.empty() || !second_oddity.empty()) {
    const auto side_text = [](const std::string& odd, std::string_view name, FullVersion side) {
      return odd.empty() ? fmt::format("{} has {}", name, describe(side)) : odd;
    };
    return side_text(first_oddity, first_name, first) + "; " + side_text(second_oddity, second_name, second);
  }
  const Configuration a = Configuration::fromWord(first.config);
  const Configuration b = Configuration::fromWord(second.config);
  DifferenceText difference(first_name, second_name);
  difference.compare("protocol", protocolText(first.version), protocolText(second.version));
  difference.compare("JDK", std::to_string(a.java_version), std::to_string(b.java_version));
  difference.compare("compressed references", onOff(a.compressed_references), onOff(b.compressed_references));
  difference.compare("architecture", toString(a.architecture), toString(b.architecture));
  const auto hex = [](std::uint32_t word) { return fmt::format("0x{:x}", word); };
  difference.compare("lowest byte of the version word", hex(first.version & 0xffU),
                     hex(second.version & 0xffU));
  difference.compare("unused configuration bits", hex(first.config >> kUnusedShift),
                     hex(second.config >> kUnusedShift));
  return difference.text();
}

}  // namespace jitrig
