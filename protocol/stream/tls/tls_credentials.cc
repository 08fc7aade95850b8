#include "protocol/stream/tls/tls_credentials.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace jitrig {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      // Without O_NONBLOCK the opening of a FIFO would wait for a writer.
      : descriptor_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<TlsSetupError> refused(const std::string& path, std::string_view reason) {
  return std::unexpected(TlsSetupError{fmt::format("{}: {}", path, reason)});
}

std::unexpected<TlsSetupError> refusedBySystem(const std::string& path, std::string_view operation) {
  const int error_number = errno;
  return refused(path, fmt::format("{}: {}", operation, std::generic_category().message(error_number)));
}

std::unexpected<TlsSetupError> tooLarge(const std::string& path) {
  return refused(path,
                 fmt::format("larger than {} bytes, which no key or certificate file is", kMaxPemBytes));
}

}  // namespace

TlsSetup<Pem> readPemFile(const std::string& path) {
  if (path.empty()) return refused("(no path)", "the name of a PEM file was expected");
  if (path.contains('\0'))
    return refused(path.substr(0, path.find('\0')), "the file's name has a byte 0 inside");
  const OpenFile file(path);
  if (file.descriptor() < 0) return refusedBySystem(path, "cannot be opened");
  struct stat status{};
  if (fstat(file.descriptor(), &status) != 0) return refusedBySystem(path, "cannot be looked at");
  if (!S_ISREG(status.st_mode)) return refused(path, "not a regular file; a PEM file was expected");
  if (status.st_size > static_cast<off_t>(kMaxPemBytes)) return tooLarge(path);

  // The file may grow meanwhile, so that its size is not to be relied on.
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = read(file.descriptor(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refusedBySystem(path, "cannot be read");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > kMaxPemBytes) return tooLarge(path);
    if (size == text.size()) text.resize(std::min(2 * size, kMaxPemBytes + 1));
  }
  if (size == 0) return refused(path, "the file is empty; a PEM file was expected");
  text.resize(size);
  return Pem{std::move(text), path};
}

}  // namespace jitrig
