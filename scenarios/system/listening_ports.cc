#include "scenarios/system/listening_ports.h"

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>

#include "protocol/runtime/endpoint.h"

namespace jitrig {
namespace {

constexpr std::string_view kListening = "listening on ";
constexpr std::string_view kStateListen = "0A";  // of /proc/net/tcp

/// "0100007F:9600 ...": the hexadecimal number behind the last colon.
bool endsWithPort(std::string_view address, std::uint16_t port) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return false;
  unsigned number = 0;
  const std::string_view digits = address.substr(colon + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number == port;
}

bool listedIn(const char* table, std::uint16_t port) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    if (state == kStateListen && endsWithPort(local, port)) return true;
  }
  return false;
}

}  // namespace

bool isListening(std::uint16_t port) {
  return listedIn("/proc/net/tcp", port) || listedIn("/proc/net/tcp6", port);
}

std::optional<Endpoint> listeningEndpoint(std::string_view line) {
  const std::size_t begin = line.find(kListening);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string_view text = line.substr(begin + kListening.size());
  text = text.substr(0, text.find_first_of(" \t,;"));
  auto endpoint = parseEndpoint(text);
  if (!endpoint || endpoint->port == 0) return std::nullopt;
  if (endpoint->host == "0.0.0.0") endpoint->host = "127.0.0.1";
  if (endpoint->host == "::") endpoint->host = "::1";
  return *endpoint;
}

}  // namespace jitrig
