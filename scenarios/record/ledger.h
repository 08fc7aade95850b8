#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/record/recorded_stream.h"
#include "scenarios/record/spin_lock.h"

namespace jitrig {

/// Compares, byte by byte and as they pass, what one end of a connection wrote with what the other read. Over
/// an unbuffered pipe, and with threads, the reader's tap may come first; so whoever is ahead leaves its
/// bytes here for the other. Thread-safe.
class Ledger {
 public:
  explicit Ledger(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The end in question wrote, or the other end read, these bytes. True: the first difference is among them,
  /// and differedAt() may say when that was.
  bool wrote(std::span<const std::byte> bytes) { return add(Side::writer, bytes); }
  bool read(std::span<const std::byte> bytes) { return add(Side::reader, bytes); }
  void differedAt(std::int64_t time_ns);

  /// When nobody writes or reads any more.
  const Delivery& delivery() const { return delivery_; }

 private:
  enum class Side : std::uint8_t { writer, reader };

  bool add(Side side, std::span<const std::byte> bytes);
  std::size_t compare(Side side, std::span<const std::byte> bytes);
  void giveUp();

  const std::size_t max_bytes_;
  SpinLock lock_;
  Delivery delivery_;
  std::vector<std::byte> ahead_;  ///< seen by one side only, from begin_ on
  std::size_t begin_ = 0;
  Side who_is_ahead_ = Side::writer;
  bool over_ = false;
};

}  // namespace jitrig
