#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "capture/packet.h"

struct pcap;

namespace jitrig {

/// One packet of a file. `bytes` lives until the next one is read.
struct CapturedPacket {
  std::uint64_t number = 0;  ///< from 1, as Wireshark and tcpdump count
  std::int64_t time_ns = 0;  ///< since 1970
  std::span<const std::byte> bytes;
  std::size_t wire_length = 0;
};

/// A pcap (micro- or nanoseconds, either byte order) or pcapng file, packet after packet. Read by libpcap,
/// which wants all interfaces of a pcapng file to have the same link type.
class PacketFile {
 public:
  /// "-" reads the standard input. The error names the file and what is wrong.
  static std::expected<PacketFile, std::string> open(const std::string& path);

  /// The same for a file's bytes, which must outlive it. `name` stands in errors.
  static std::expected<PacketFile, std::string> over(std::span<const std::byte> bytes,
                                                     const std::string& name);

  LinkType linkType() const { return link_type_; }

  /// False at the end of the file, or where it is damaged: damage() then says what and where.
  bool next(CapturedPacket& packet);

  /// "after packet 17 (file offset 2330): truncated dump file …"; empty if the file ended in good order.
  const std::string& damage() const { return damage_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };

  static std::expected<PacketFile, std::string> read(std::FILE* file, const std::string& name);

  PacketFile(std::unique_ptr<pcap, Close> handle, std::FILE* file, LinkType link_type)
      : handle_(std::move(handle)), file_(file), link_type_(link_type) {}

  std::unique_ptr<pcap, Close> handle_;
  std::FILE* file_;  ///< owned by handle_; asked only for its position
  LinkType link_type_;
  std::uint64_t packets_read_ = 0;
  std::string damage_;
};

}  // namespace jitrig
