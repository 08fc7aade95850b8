#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace jitrig {

/// One end of a TCP connection as packets name it: numbers, never a host name.
struct TcpAddress {
  bool is_ipv6 = false;
  /// Network order; IPv4 uses the first four bytes, the others stay zero.
  std::array<std::byte, 16> address{};
  std::uint16_t port = 0;

  friend auto operator<=>(const TcpAddress&, const TcpAddress&) = default;

  /// "127.0.0.1" or "::1", without brackets or port; nothing if it is neither.
  static std::optional<TcpAddress> parse(const std::string& host, std::uint16_t port);
};

/// "127.0.0.1:38400", "[::1]:38400".
std::string toString(const TcpAddress& address);

/// "127.0.0.1", "::1".
std::string hostText(const TcpAddress& address);

}  // namespace jitrig
