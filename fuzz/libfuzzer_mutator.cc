// For targets whose input is a message, or a stream of messages.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "fuzz/message_edits.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Two times in three an edit of data points; otherwise, and where there is no message, libFuzzer's own.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  if (seed % 3 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const auto edited = jitrig::fuzz::editedStream(std::as_bytes(std::span(data, size)), 0, seed);
  if (edited.empty() || edited.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, edited.data(), edited.size());
  return edited.size();
}
