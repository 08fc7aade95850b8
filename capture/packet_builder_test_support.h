#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "capture/captured_connection.h"
#include "capture/packet.h"
#include "capture/tcp_frame.h"

// Packets and capture files made by hand, for this room's tests.
namespace jitrig::test {

inline std::vector<std::byte> bytesOf(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

inline std::string textOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What `sender` sent, without gaps.
inline std::string textFrom(const CapturedConnection& connection, Peer sender) {
  return textOf(connection.bytesFrom(sender));
}

inline TcpAddress clientAddress(std::uint16_t port = 40000) {
  return *TcpAddress::parse("10.0.0.1", port);
}
inline TcpAddress serverAddress() {
  return *TcpAddress::parse("10.0.0.2", 38400);
}

inline std::vector<std::byte> joined(std::vector<std::byte> first, std::span<const std::byte> second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// A file in gtest's temporary folder that goes away with this object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& suffix = ".pcap") {
    static int count = 0;
    path_ = ::testing::TempDir() + "jitrig_capture_" + std::to_string(::getpid()) + "_" +
            std::to_string(++count) + suffix;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::string& path() const { return path_; }

  void write(std::span<const std::byte> bytes) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  std::vector<std::byte> read() const {
    std::ifstream in(path_, std::ios::binary);
    return bytesOf(std::string(std::istreambuf_iterator<char>(in), {}));
  }

 private:
  std::string path_;
};

/// A pcap file's bytes, packet after packet.
class PcapBytes {
 public:
  static constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
  static constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;

  explicit PcapBytes(std::uint32_t link_type = 1, std::uint32_t magic = kNanoseconds, bool big_endian = false)
      : big_endian_(big_endian) {
    put32(magic);
    put16(2);
    put16(4);
    put32(0);
    put32(0);
    put32(262144);
    put32(link_type);
  }

  /// `fraction` is in the file's unit; `wire_length` 0 means: all of it was captured.
  PcapBytes& add(std::span<const std::byte> packet, std::uint32_t seconds = 1, std::uint32_t fraction = 0,
                 std::size_t wire_length = 0) {
    put32(seconds);
    put32(fraction);
    put32(static_cast<std::uint32_t>(packet.size()));
    put32(static_cast<std::uint32_t>(wire_length == 0 ? packet.size() : wire_length));
    bytes_.insert(bytes_.end(), packet.begin(), packet.end());
    return *this;
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void put16(std::uint16_t value) {
    for (unsigned i = 0; i < 2; ++i) putByte(value >> (big_endian_ ? 8 - 8 * i : 8 * i));
  }
  void put32(std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) putByte(value >> (big_endian_ ? 24 - 8 * i : 8 * i));
  }
  void putByte(std::uint32_t value) { bytes_.push_back(static_cast<std::byte>(value & 0xffU)); }

  bool big_endian_;
  std::vector<std::byte> bytes_;
};

}  // namespace jitrig::test
