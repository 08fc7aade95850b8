#include "bench/stream/measured_messages.h"

#include <fstream>
#include <stdexcept>
#include <string>

#include "protocol/wire/hex.h"

namespace jitrig::bench {

Message recordedRequest() {
  const std::string path = JITRIG_SOURCE_DIR "/testdata/goldens.jsonl";
  const std::string_view name = "\"compilationRequest_first_with_version\"";
  const std::string_view key = "\"bytes\": \"";
  std::ifstream goldens(path);
  for (std::string line; std::getline(goldens, line);) {
    if (line.find(name) == std::string::npos) continue;
    const std::size_t begin = line.find(key);
    if (begin == std::string::npos) break;
    const std::size_t first_digit = begin + key.size();
    const auto bytes =
        parseHex(std::string_view(line).substr(first_digit, line.find('"', first_digit) - first_digit));
    if (!bytes) break;
    auto message = Message::parse(*bytes, {});
    if (!message) break;
    return std::move(*message);
  }
  throw std::runtime_error(path + ": no readable line " + std::string(name));
}

}  // namespace jitrig::bench
