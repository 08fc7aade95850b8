#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// The secrets of sessions in the NSS key log format ("SSLKEYLOGFILE"), appended to a file that only its
/// owner may read. Many tasks, and many processes, may write it at once.
class KeyLog {
 public:
  /// Opens the file, or creates it.
  static TlsSetup<std::unique_ptr<KeyLog>> open(const std::string& path);

  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;
  ~KeyLog();

  /// One line, in one system call: lines of several writers do not mix. A line that the disk has no room for
  /// is lost; the connection goes on. Never throws: OpenSSL calls it.
  void append(std::string_view line) noexcept;

 private:
  explicit KeyLog(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

}  // namespace jitrig
