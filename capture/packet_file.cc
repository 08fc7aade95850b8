#include "capture/packet_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <optional>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace jitrig {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Later seconds would not fit 63 bits of nanoseconds: they come only from damaged files.
constexpr std::int64_t kLastSecond = 9'000'000'000;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::optional<LinkType> linkTypeOf(int datalink) {
  switch (datalink) {
    case DLT_EN10MB: return LinkType::ethernet;
    case DLT_LINUX_SLL: return LinkType::linuxCooked;
    case DLT_LINUX_SLL2: return LinkType::linuxCooked2;
    case DLT_NULL:
    case DLT_LOOP: return LinkType::loopback;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return LinkType::rawIp;
    default: return std::nullopt;
  }
}

std::int64_t nanoseconds(const timeval& timestamp) {
  // With nanosecond precision asked for, libpcap puts nanoseconds into tv_usec.
  const std::int64_t seconds = std::clamp<std::int64_t>(timestamp.tv_sec, 0, kLastSecond);
  const std::int64_t fraction = std::clamp<std::int64_t>(timestamp.tv_usec, 0, kNanosecondsPerSecond - 1);
  return seconds * kNanosecondsPerSecond + fraction;
}

std::string unsupportedLinkType(const std::string& path, int datalink) {
  const char* name = pcap_datalink_val_to_name(datalink);
  return fmt::format(
      "{}: link type {} ({}) is not supported; supported are Ethernet, Linux cooked (SLL, SLL2), BSD "
      "loopback "
      "(NULL, LOOP) and raw IP",
      path, datalink, name != nullptr ? name : "unknown");
}

}  // namespace

void PacketFile::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

std::expected<PacketFile, std::string> PacketFile::open(const std::string& path) {
  File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return std::unexpected(
        fmt::format("{}: cannot be opened: {}", path, std::generic_category().message(errno)));
  }
  struct stat status{};
  if (fstat(fileno(file.get()), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0) {
    return std::unexpected(fmt::format("{}: not a capture file: it is empty", path));
  }
  return read(file.release(), path);
}

std::expected<PacketFile, std::string> PacketFile::over(std::span<const std::byte> bytes,
                                                        const std::string& name) {
  if (bytes.empty()) return std::unexpected(fmt::format("{}: not a capture file: it is empty", name));
  // Opened for reading, so that nothing is ever written there.
  File file(fmemopen(const_cast<std::byte*>(bytes.data()), bytes.size(), "rb"));
  if (file == nullptr) {
    return std::unexpected(
        fmt::format("{}: cannot be opened: {}", name, std::generic_category().message(errno)));
  }
  return read(file.release(), name);
}

std::expected<PacketFile, std::string> PacketFile::read(std::FILE* opened, const std::string& name) {
  File file(opened);
  std::array<char, PCAP_ERRBUF_SIZE> problem{};
  std::unique_ptr<pcap, Close> handle(
      pcap_fopen_offline_with_tstamp_precision(file.get(), PCAP_TSTAMP_PRECISION_NANO, problem.data()));
  if (handle == nullptr) {
    return std::unexpected(fmt::format("{}: not a readable pcap or pcapng file: {}", name, problem.data()));
  }
  std::FILE* owned_by_handle = file.release();
  const int datalink = pcap_datalink(handle.get());
  const auto link_type = linkTypeOf(datalink);
  // NOLINTNEXTLINE(clang-analyzer-unix.Stream): pcap_close() closes the stream
  if (!link_type) return std::unexpected(unsupportedLinkType(name, datalink));
  return PacketFile(std::move(handle), owned_by_handle, *link_type);
}

bool PacketFile::next(CapturedPacket& packet) {
  if (!damage_.empty()) return false;
  const off_t offset = ftello(file_);
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(handle_.get(), &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return false;  // the end of the file
  if (result != 1) {
    const std::string place = offset >= 0 ? fmt::format(" (file offset {})", offset) : "";
    damage_ = fmt::format("after packet {}{} the file is damaged, and the rest of it is lost: {}",
                          packets_read_, place, pcap_geterr(handle_.get()));
    return false;
  }
  packet.number = ++packets_read_;
  packet.time_ns = nanoseconds(header->ts);
  packet.bytes = std::as_bytes(std::span(bytes, header->caplen));
  packet.wire_length = std::max<std::size_t>(header->len, header->caplen);
  return true;
}

}  // namespace jitrig
