#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "capture/capture_limits.h"
#include "capture/captured_connection.h"

namespace jitrig {

/// A whole pcap or pcapng file, its TCP connections put together.
struct CaptureFile {
  std::vector<CapturedConnection> connections;  ///< by index
  /// What is wrong with the file as a whole; a connection's own are kept with it.
  std::vector<std::string> warnings;
  std::int64_t start_time_ns = 0;  ///< of the first packet, since 1970; all other times count from it
  std::uint64_t packets = 0;
};

/// Reads the file at `path`, "-" for the standard input. A damaged file gives what is whole before the
/// damage, and a warning. The error is for files that cannot be read at all, and names the file.
std::expected<CaptureFile, std::string> readCaptureFile(const std::string& path,
                                                        const CaptureLimits& limits = {});

/// The same for a file's bytes; `name` stands in errors.
std::expected<CaptureFile, std::string> readCapture(std::span<const std::byte> bytes, const std::string& name,
                                                    const CaptureLimits& limits = {});

/// The file's warnings, then those of its connections with "connection 3 (127.0.0.1:4711 → 127.0.0.1:38400):
/// " before each.
std::vector<std::string> allWarnings(const CaptureFile& file);

}  // namespace jitrig
