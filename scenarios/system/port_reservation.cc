#include "scenarios/system/port_reservation.h"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace jitrig {
namespace {

constexpr std::uint32_t kFirstPort = 10'000;
constexpr std::uint32_t kLastPort = 65'535;

struct PortRange {
  std::uint32_t first = kFirstPort;
  std::uint32_t count = 0;
};

/// The larger one of the two ranges beside the one for outgoing connections.
PortRange reservablePorts() {
  std::uint32_t low = 32'768;
  std::uint32_t high = 60'999;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> low >> high;
  const PortRange below{kFirstPort, low > kFirstPort ? low - kFirstPort : 0};
  const PortRange above{high + 1, high < kLastPort ? kLastPort - high : 0};
  return below.count >= above.count ? below : above;
}

/// Nothing if another process has the mark.
std::optional<Descriptor> takeMark(std::uint32_t port) {
  Descriptor mark(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = fmt::format("jitrig port {}", port);
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // behind a zero: no file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (!mark.valid() || bind(mark.number(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return std::nullopt;
  return mark;
}

/// Also for a program that does not set SO_REUSEADDR: there are not even remains of closed connections.
bool isFree(std::uint32_t port) {
  const Descriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return probe.valid() &&
         bind(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Where the search begins: elsewhere in each process, and further on each time, since the remains of closed
/// connections occupy a port for a minute.
std::uint32_t nextStart() {
  static std::atomic<std::uint32_t> next{static_cast<std::uint32_t>(getpid()) * 97U};
  return next++;
}

}  // namespace

std::expected<PortReservation, std::string> PortReservation::make() {
  const PortRange range = reservablePorts();
  for (std::uint32_t i = 0; i < range.count; ++i) {
    const std::uint32_t port = range.first + nextStart() % range.count;
    auto mark = takeMark(port);
    if (mark && isFree(port)) return PortReservation(static_cast<std::uint16_t>(port), std::move(*mark));
  }
  return std::unexpected(
      fmt::format("no free port from {} to {}", range.first, range.first + range.count - 1));
}

}  // namespace jitrig
