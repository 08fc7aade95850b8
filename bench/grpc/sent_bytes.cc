#include "bench/grpc/sent_bytes.h"

#include <charconv>
#include <filesystem>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace jitrig::bench {

std::uint64_t sentBytes() {
  std::uint64_t sum = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const std::string name = entry.path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) sum += info.tcpi_bytes_acked;
  }
  return sum;
}

}  // namespace jitrig::bench
