#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace JITServer {  // NOLINT(readability-identifier-naming): the package of compile.proto
class Any;
class AnyData;
}  // namespace JITServer

namespace jitrig {

/// The members of the generated class Any (compile.proto), in the order of their numbers; `none` where it
/// has no content.
enum class AnyKind : std::uint8_t { none, uint64, uint32, int64, int32, bytes, boolean, vector };

/// "uint64_v", as in compile.proto; "nothing".
std::string_view toString(AnyKind kind);

/// The generated classes without their header, which takes longer to compile than all that uses it. Reading
/// a member that the value does not have gives the member's default.
namespace any_data {

/// For writing.
JITServer::Any& add(JITServer::AnyData& data);
void setTag(JITServer::Any& any, std::uint64_t tag);
void setUint64(JITServer::Any& any, std::uint64_t value);
void setUint32(JITServer::Any& any, std::uint32_t value);
void setInt64(JITServer::Any& any, std::int64_t value);
void setInt32(JITServer::Any& any, std::int32_t value);
void setBool(JITServer::Any& any, bool value);
void setBytes(JITServer::Any& any, std::span<const std::byte> bytes);
std::string& mutableBytes(JITServer::Any& any);
JITServer::AnyData& mutableVector(JITServer::Any& any);

/// For reading.
std::size_t size(const JITServer::AnyData& data);
const JITServer::Any& at(const JITServer::AnyData& data, std::size_t index);
AnyKind kind(const JITServer::Any& any);
std::uint64_t tag(const JITServer::Any& any);
std::uint64_t uint64(const JITServer::Any& any);
std::uint32_t uint32(const JITServer::Any& any);
std::int64_t int64(const JITServer::Any& any);
std::int32_t int32(const JITServer::Any& any);
bool boolean(const JITServer::Any& any);
const std::string& bytes(const JITServer::Any& any);
const JITServer::AnyData& vector(const JITServer::Any& any);

}  // namespace any_data
}  // namespace jitrig
