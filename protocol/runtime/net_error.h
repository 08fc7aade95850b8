#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace jitrig {

/// What can go wrong with a connection, as far as a caller may want to tell cases apart.
/// Errors of the Runtime are values: errno does not survive a switch of tasks.
enum class NetErrc {
  endOfFile,     ///< the peer closed its writing side; everything it wrote has been read
  reset,         ///< the peer, or the network, broke the connection; written bytes may be lost
  refused,       ///< nobody listens there
  unreachable,   ///< no such host, no route, no address
  addressInUse,  ///< listen(): the port is taken
  timedOut,      ///< the deadline passed
  cancelled,     ///< cancel() was called by this side
  tls,           ///< the handshake, verification or a record of TLS failed; `detail` has OpenSSL's words
  limit,         ///< a limit of this process was reached, descriptors for instance; worth a later try
  other,         ///< see `detail`
};

/// The code's name as in the enumeration, "endOfFile" for instance.
std::string_view toString(NetErrc code);

/// Why a call of the Runtime or of a ByteStream did not work.
struct NetError {
  NetErrc code = NetErrc::other;
  std::string detail;  ///< for people: the operation, the peer and the system's words
};

/// Whether `detail` says more than the operation, the peer and what the code says: "read a -> b: end of file"
/// and "the deadline passed" do not.
bool saysMore(const NetError& error);

/// What was asked for, or why not.
template <class T>
using NetResult = std::expected<T, NetError>;

}  // namespace jitrig
