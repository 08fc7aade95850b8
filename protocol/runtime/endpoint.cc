#include "protocol/runtime/endpoint.h"

#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <string>

namespace jitrig {
namespace {

constexpr std::size_t kMaxHostSize = 253;    // the longest name that DNS allows
constexpr std::size_t kMaxQuotedSize = 100;  // of bad text in an error

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char character : text.substr(0, kMaxQuotedSize)) {
    const bool printable = character >= ' ' && character <= '~';
    result += printable ? std::string(1, character)
                        : fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
  }
  return result + (text.size() > kMaxQuotedSize ? "...'" : "'");
}

std::unexpected<NetError> badEndpoint(std::string_view text, std::string_view reason) {
  return std::unexpected(NetError{
      NetErrc::other, fmt::format("bad endpoint {}: {}; expected HOST:PORT or [IPV6]:PORT, for instance "
                                  "127.0.0.1:38400 or [::1]:38400",
                                  quoted(text), reason)});
}

bool isHostCharacter(char character) {
  return character > ' ' && character <= '~' && character != '/';
}

}  // namespace

std::string toString(const Endpoint& endpoint) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
                 : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

NetResult<Endpoint> parseEndpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return badEndpoint(text, "no ':' before a port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);

  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return badEndpoint(text, "'[' without ']' before the last ':'");
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos)
      return badEndpoint(text, "no IPv6 address between '[' and ']'");
  } else if (host.find(':') != std::string_view::npos) {
    return badEndpoint(text, "an IPv6 address needs brackets");
  }
  if (host.empty()) return badEndpoint(text, "the host is missing");
  if (host.size() > kMaxHostSize) return badEndpoint(text, "the host has more than 253 characters");
  for (const char character : host) {
    if (!isHostCharacter(character) || character == '[' || character == ']') {
      return badEndpoint(text, "the host has a character that no host name or address has");
    }
  }

  if (port_text.empty()) return badEndpoint(text, "the port is missing");
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) {
    return badEndpoint(text, "the port is not a number from 0 to 65535");
  }
  return Endpoint{std::string(host), port};
}

}  // namespace jitrig
