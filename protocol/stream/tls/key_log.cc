#include "protocol/stream/tls/key_log.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

namespace jitrig {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::unexpected<TlsSetupError> refused(const std::string& path, std::string_view reason) {
  return std::unexpected(TlsSetupError{fmt::format("key log {}: {}", path, reason)});
}

}  // namespace

TlsSetup<std::unique_ptr<KeyLog>> KeyLog::open(const std::string& path) {
  // Without O_NONBLOCK the opening of a FIFO would wait for a reader.
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, kOwnerOnly);
  const int error_number = errno;
  if (descriptor < 0) {
    return refused(path, fmt::format("cannot be opened for appending: {}",
                                     std::generic_category().message(error_number)));
  }
  std::unique_ptr<KeyLog> log(new KeyLog(descriptor));
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return refused(path, "not a regular file");
  return log;
}

KeyLog::~KeyLog() {
  close(descriptor_);
}

void KeyLog::append(std::string_view line) noexcept {
  char newline = '\n';
  const std::array<iovec, 2> parts{{{const_cast<char*>(line.data()), line.size()}, {&newline, 1}}};
  while (writev(descriptor_, parts.data(), static_cast<int>(parts.size())) < 0 && errno == EINTR) {
  }
}

}  // namespace jitrig
