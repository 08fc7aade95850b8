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
    const std::size_t size = segment.payload.size();
    if (!isProbe(begin, size)) std::fill_n(sent_.begin() + static_cast<std::ptrdiff_t>(begin), size, true);
    if (size != 0 || packets_ == 0) highest_ = std::max(highest_, begin + size);
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
  /// A byte before what comes next keeps a connection alive, and is no data: who sees it behind an empty
  /// segment and without a SYN cannot know better.
  bool isProbe(std::size_t begin, std::size_t size) const {
    return size == 1 && packets_ != 0 && begin + 1 == highest_;
  }

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
  std::vector<bool> sent_;   ///< each of its bytes
  std::size_t highest_ = 0;  ///< the end of what has come, or where the first segment began
  TcpReassembly reassembly_;
  std::uint64_t packets_ = 0;
};

}  // namespace jitrig::fuzz
