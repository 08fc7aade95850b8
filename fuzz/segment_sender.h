#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "capture/tcp_reassembly.h"
#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// Puts parts of one stream into a reassembly, as segments of one direction of one connection.
class SegmentSender {
 public:
  /// `stream` must outlive it; `first` is the sequence number of the SYN, sent or not.
  SegmentSender(std::uint32_t first, InputBytes stream)
      : first_(first), stream_(stream), sent_(stream.size()) {}

  void sendSyn() {
    TcpSegment segment = at(0);
    segment.sequence = first_;
    segment.syn = true;
    add(segment);
  }

  /// So many bytes from there, or as many as there are.
  void send(std::size_t begin, std::size_t length) {
    TcpSegment segment = at(begin);
    segment.payload = stream_.subspan(begin, std::min(length, stream_.size() - begin));
    std::fill_n(sent_.begin() + static_cast<std::ptrdiff_t>(begin), segment.payload.size(), true);
    add(segment);
  }

  /// What no segment has brought, and nothing else: who lost something does not get it again.
  void sendLeftOut() {
    for (auto begin = sent_.begin(); (begin = std::find(begin, sent_.end(), false)) != sent_.end();) {
      const auto end = std::find(begin, sent_.end(), true);
      send(static_cast<std::size_t>(begin - sent_.begin()), static_cast<std::size_t>(end - begin));
    }
  }

  TcpReassembly::Result finish() { return reassembly_.finish(); }

 private:
  TcpSegment at(std::size_t begin) const {
    TcpSegment segment;
    segment.source.port = 1;
    segment.sequence = first_ + 1 + static_cast<std::uint32_t>(begin);
    return segment;
  }
  void add(const TcpSegment& segment) {
    require(reassembly_.add(segment, {.time_ns = 0, .packet = ++packets_}), "no limit is reached");
  }

  std::uint32_t first_;
  InputBytes stream_;
  std::vector<bool> sent_;  ///< each of its bytes
  TcpReassembly reassembly_;
  std::uint64_t packets_ = 0;
};

}  // namespace jitrig::fuzz
