#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

namespace jitrig {

/// Why TLS cannot be set up: a key or certificate that is missing, wrong, mismatched or too large. `detail`
/// names the file and what was expected of it, and has OpenSSL's words; never the contents.
struct TlsSetupError {
  std::string detail;
};

/// What was to be set up, or why it cannot be.
template <class T>
using TlsSetup = std::expected<T, TlsSetupError>;

/// Keys, certificates or both in PEM text.
struct Pem {
  std::string text;
  std::string source;  ///< for error messages: the file's path, or who made it
};

/// A file beyond this is refused unread: the largest bundle of root certificates has a quarter of it.
inline constexpr std::size_t kMaxPemBytes = std::size_t{1024} * 1024;

/// Reads a regular file of at most kMaxPemBytes. It only has to be readable (real peers once asked for the
/// right to write).
TlsSetup<Pem> readPemFile(const std::string& path);

/// Who one side is: a private key, and its certificate followed by the intermediate ones.
struct TlsIdentity {
  Pem private_key;
  Pem certificate_chain;
};

}  // namespace jitrig
