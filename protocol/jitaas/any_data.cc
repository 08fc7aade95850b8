#include "protocol/jitaas/any_data.h"

#include "protocol/jitaas/compile.pb.h"

namespace jitrig {

std::string_view toString(AnyKind kind) {
  switch (kind) {
    case AnyKind::none: return "nothing";
    case AnyKind::uint64: return "uint64_v";
    case AnyKind::uint32: return "uint32_v";
    case AnyKind::int64: return "int64_v";
    case AnyKind::int32: return "int32_v";
    case AnyKind::bytes: return "bytes_v";
    case AnyKind::boolean: return "bool_v";
    case AnyKind::vector: return "vector_v";
  }
  return "unknown";
}

namespace any_data {

using JITServer::Any;
using JITServer::AnyData;

Any& add(AnyData& data) {
  return *data.add_data();
}
void setTag(Any& any, std::uint64_t tag) {
  any.set_extendedtypetag(tag);
}
void setUint64(Any& any, std::uint64_t value) {
  any.set_uint64_v(value);
}
void setUint32(Any& any, std::uint32_t value) {
  any.set_uint32_v(value);
}
void setInt64(Any& any, std::int64_t value) {
  any.set_int64_v(value);
}
void setInt32(Any& any, std::int32_t value) {
  any.set_int32_v(value);
}
void setBool(Any& any, bool value) {
  any.set_bool_v(value);
}
void setBytes(Any& any, std::span<const std::byte> bytes) {
  any.set_bytes_v(bytes.data(), bytes.size());
}
std::string& mutableBytes(Any& any) {
  return *any.mutable_bytes_v();
}
AnyData& mutableVector(Any& any) {
  return *any.mutable_vector_v();
}

std::size_t size(const AnyData& data) {
  return static_cast<std::size_t>(data.data_size());
}
const Any& at(const AnyData& data, std::size_t index) {
  return data.data(static_cast<int>(index));
}
AnyKind kind(const Any& any) {
  switch (any.type_case()) {
    case Any::kUint64V: return AnyKind::uint64;
    case Any::kUint32V: return AnyKind::uint32;
    case Any::kInt64V: return AnyKind::int64;
    case Any::kInt32V: return AnyKind::int32;
    case Any::kBytesV: return AnyKind::bytes;
    case Any::kBoolV: return AnyKind::boolean;
    case Any::kVectorV: return AnyKind::vector;
    case Any::TYPE_NOT_SET: break;
  }
  return AnyKind::none;
}
std::uint64_t tag(const Any& any) {
  return any.extendedtypetag();
}
std::uint64_t uint64(const Any& any) {
  return any.uint64_v();
}
std::uint32_t uint32(const Any& any) {
  return any.uint32_v();
}
std::int64_t int64(const Any& any) {
  return any.int64_v();
}
std::int32_t int32(const Any& any) {
  return any.int32_v();
}
bool boolean(const Any& any) {
  return any.bool_v();
}
const std::string& bytes(const Any& any) {
  return any.bytes_v();
}
const AnyData& vector(const Any& any) {
  return any.vector_v();
}

}  // namespace any_data
}  // namespace jitrig
