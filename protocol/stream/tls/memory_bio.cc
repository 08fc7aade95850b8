#include "protocol/stream/tls/memory_bio.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <openssl/bio.h>

namespace jitrig {
namespace {

constexpr std::size_t kRecordHeaderBytes = 5;

int readInput(BIO* bio, char* buffer, std::size_t size, std::size_t* count) {
  auto& memory = *static_cast<MemoryBio*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (memory.input.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *count = std::min(size, memory.input.size());
  std::memcpy(buffer, memory.input.data(), *count);
  memory.input_position.advance(memory.input.first(*count));
  memory.input = memory.input.subspan(*count);
  return 1;
}

int appendOutput(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
  auto& memory = *static_cast<MemoryBio*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  try {
    memory.output.insert(memory.output.end(), begin, begin + size);
  } catch (const std::bad_alloc&) {  // no exception may pass through OpenSSL
    return 0;
  }
  *count = size;
  return 1;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // everything else that OpenSSL asks for, we do not have
}

OpenSslPointer<bio_method_st> makeMethod() {
  OpenSslPointer<bio_method_st> method(
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memory of a jitrig TlsByteStream"));
  if (!method) throw std::bad_alloc();
  BIO_meth_set_read_ex(method.get(), readInput);
  BIO_meth_set_write_ex(method.get(), appendOutput);
  BIO_meth_set_ctrl(method.get(), control);
  return method;
}

}  // namespace

void RecordPosition::advance(std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (body_bytes_left_ != 0) {
      const std::size_t taken = std::min(body_bytes_left_, bytes.size() - at);
      body_bytes_left_ -= taken;
      at += taken;
      if (body_bytes_left_ == 0) header_bytes_ = 0;
      continue;
    }
    // The last two bytes of the header are the body's size, the higher one first.
    const auto byte = std::to_integer<std::size_t>(bytes[at]);
    ++at;
    ++header_bytes_;
    if (header_bytes_ == kRecordHeaderBytes - 1) record_size_ = byte << 8U;
    if (header_bytes_ < kRecordHeaderBytes) continue;
    body_bytes_left_ = record_size_ | byte;
    if (body_bytes_left_ == 0) header_bytes_ = 0;
  }
}

OpenSslPointer<bio_st> MemoryBio::makeBio() {
  static const OpenSslPointer<bio_method_st> kMethod = makeMethod();
  OpenSslPointer<bio_st> bio(BIO_new(kMethod.get()));
  if (!bio) return nullptr;
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace jitrig
