#pragma once

#include <cstdint>
#include <string>

namespace jitrig {

/// More than any list or table has that an option names.
inline constexpr std::uint64_t kMaxOptionFileBytes = std::uint64_t{16} << 20;

/// All that the file holds which `option` ("--budget") names. Throws a CommandError that says what is wrong
/// with it: not there, no regular file (a folder, a device that never ends), too large.
std::string readOptionFile(const std::string& option, const std::string& path);

}  // namespace jitrig
