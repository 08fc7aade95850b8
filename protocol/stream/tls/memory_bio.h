#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "protocol/stream/tls/open_ssl_pointers.h"

namespace jitrig {

/// Where a stream of TLS records stands between two of them.
class RecordPosition {
 public:
  /// These bytes come next; cut anywhere.
  void advance(std::span<const std::byte> bytes);
  /// A record has begun and is not complete.
  bool insideRecord() const { return header_bytes_ != 0 || body_bytes_left_ != 0; }

 private:
  std::size_t header_bytes_ = 0;  ///< of the header that is being read
  std::size_t record_size_ = 0;   ///< as far as the header says it yet
  std::size_t body_bytes_left_ = 0;
};

/// What OpenSSL takes for its network: it reads from `input`, which is somebody else's memory, and appends to
/// `output`. Nothing here waits. Must outlive the BIO.
struct MemoryBio {
  std::span<const std::byte> input;
  RecordPosition input_position;
  std::vector<std::byte> output;

  /// The BIO that OpenSSL reads and writes, both ways; nullptr if there is no memory.
  OpenSslPointer<bio_st> makeBio();
};

}  // namespace jitrig
