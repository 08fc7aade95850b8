#include "cli/line_conversion.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "cli/line_reader.h"
#include "cli/standard_error.h"
#include "cli/standard_output.h"
#include "protocol/wire/hex.h"

namespace jitrig {
namespace {

bool isBlank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

/// Converts line after line and remembers whether all went well.
class Converter {
 public:
  explicit Converter(const LineConversion& convert) : convert_(convert) {}

  /// False: nobody reads the output any more.
  bool convert(std::string_view what, std::uint64_t number, std::string_view line) {
    const auto converted = convert_(line, output_.text());
    if (!converted) return complain(what, number, converted.error());
    output_.text() += '\n';
    return output_.flushIfLarge();
  }

  bool complain(std::string_view what, std::uint64_t number, std::string_view why) {
    status_ = ExitStatus::unreadableInput;
    const bool is_read = output_.flush();
    printError(fmt::format("{} {}: {}", what, number, why));
    return is_read;
  }

  StandardOutput& output() { return output_; }
  ExitStatus status() const { return status_; }

 private:
  const LineConversion& convert_;
  StandardOutput output_;
  ExitStatus status_ = ExitStatus::fine;
};

void convertArguments(Converter& converter, const std::vector<std::string>& arguments) {
  std::uint64_t number = 0;
  for (const std::string& argument : arguments) {
    if (!converter.convert("argument", ++number, argument)) return;
  }
}

void convertStandardInput(Converter& converter, std::size_t max_line_bytes) {
  LineReader lines(STDIN_FILENO, max_line_bytes, [&converter] { converter.output().flush(); });
  std::string_view line;
  bool is_read = true;
  while (is_read) {
    switch (lines.next(line)) {
      case LineReader::Outcome::line:
        if (!isBlank(line)) is_read = converter.convert("line", lines.lineNumber(), line);
        break;
      case LineReader::Outcome::tooLong:
        is_read = converter.complain("line", lines.lineNumber(),
                                     fmt::format("longer than {} bytes (max_line_bytes)", max_line_bytes));
        break;
      case LineReader::Outcome::failed:
        throw CommandError(ExitStatus::unreadableInput, "cannot read the standard input: " + lines.reason());
      case LineReader::Outcome::end: return;
    }
  }
}

}  // namespace

ExitStatus convertLines(const std::vector<std::string>& inputs, std::size_t max_line_bytes,
                        const LineConversion& convert) {
  Converter converter(convert);
  if (inputs == std::vector<std::string>{"-"}) {
    convertStandardInput(converter, max_line_bytes);
  } else if (std::ranges::find(inputs, "-") != inputs.end()) {
    throw CommandError(ExitStatus::wrongUsage, "- (the standard input) must be the only argument");
  } else {
    convertArguments(converter, inputs);
  }
  converter.output().flush();
  return converter.status();
}

std::expected<std::vector<std::byte>, std::string> parseHexLine(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t start = std::min(line.find_first_not_of(kBlanks), line.size());
  const std::string_view digits = line.substr(start, line.find_last_not_of(kBlanks) + 1 - start);
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    return std::unexpected(
        toString(TextError{start, "hex", "0x does not belong to a message; expected its digits only"}));
  }
  auto bytes = parseHex(digits);
  if (!bytes)
    return std::unexpected(toString(TextError{start + bytes.error().offset, "hex", bytes.error().message}));
  return std::move(*bytes);
}

void appendHexLine(std::string& out, std::span<const std::byte> message, bool json) {
  if (json) out += R"({"hex":")";
  appendHex(out, message);
  if (json) out += "\"}";
}

}  // namespace jitrig
