#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_status.h"

namespace jitrig {

/// Appends what the line becomes, without a newline; or says what is wrong with it and appends nothing.
using LineConversion =
    std::function<std::expected<void, std::string>(std::string_view line, std::string& out)>;

/// What `decode` and `encode` have in common: converts each of `inputs`, or each line of the standard input
/// if they are just "-", and prints the results. What is wrong is one line "line 3: …" (or "argument 3: …")
/// on the standard error; the rest goes on, and the status is then unreadableInput. Blank lines are passed
/// over. Ends early, quietly, when nobody reads the output any more.
ExitStatus convertLines(const std::vector<std::string>& inputs, std::size_t max_line_bytes,
                        const LineConversion& convert);

/// The bytes of a message that stands in the line as hexadecimal digits, with blanks around it.
std::expected<std::vector<std::byte>, std::string> parseHexLine(std::string_view line);

/// A message's bytes as such digits, or as {"hex":"..."}.
void appendHexLine(std::string& out, std::span<const std::byte> message, bool json);

}  // namespace jitrig
