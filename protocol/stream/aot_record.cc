#include "protocol/stream/aot_record.h"

#include <cstring>
#include <fmt/format.h>

namespace jitrig {
namespace {

constexpr unsigned kTypeBits = 3;
constexpr std::uint64_t kTypeMask = (1U << kTypeBits) - 1;

/// Sizes first, so that a reader knows at once whether all is there.
class Writer {
 public:
  template <class T>
  void add(const T& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void add(const std::vector<std::uint64_t>& numbers) {
    add(static_cast<std::uint64_t>(numbers.size()));
    for (const std::uint64_t each : numbers) add(each);
  }
  void add(const std::string& text) {
    add(static_cast<std::uint64_t>(text.size()));
    bytes_ += text;
  }
  /// With its whole size in front.
  std::string finish() {
    const std::uint64_t size = bytes_.size() + sizeof size;
    std::string whole(reinterpret_cast<const char*>(&size), sizeof size);
    return whole + bytes_;
  }

 private:
  std::string bytes_;
};

/// Reads the same; what does not fit makes everything behind it empty, and is told once.
class Reader {
 public:
  Reader(std::string_view bytes, std::string_view what) : rest_(bytes), what_(what) {
    const auto size = number<std::uint64_t>();
    if (error_.empty() && size != bytes.size())
      error_ = fmt::format("{}: says that it has {} bytes, and has {}", what_, size, bytes.size());
  }

  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> values;
    const auto count = number<std::uint64_t>();
    if (count > rest_.size() / sizeof count) return fail(), values;
    values.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(number<std::uint64_t>());
    return values;
  }
  std::string text() {
    const auto size = number<std::uint64_t>();
    return std::string(take(size));
  }
  /// "": all was read, and nothing is left.
  std::string error() {
    if (error_.empty() && !rest_.empty()) error_ = fmt::format("{}: {} bytes too many", what_, rest_.size());
    return error_;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (!error_.empty() || size > rest_.size()) return fail(), std::string_view{};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  void fail() {
    if (error_.empty()) error_ = fmt::format("{}: ends in its middle", what_);
    rest_ = {};
  }

  std::string_view rest_;
  std::string_view what_;
  std::string error_;
};

}  // namespace

std::expected<AOTRecordType, std::string> aotRecordType(std::uint64_t id_and_type) {
  const auto type = static_cast<AOTRecordType>(id_and_type & kTypeMask);
  switch (type) {
    case AOTRecordType::classLoader:
    case AOTRecordType::loadedClass:
    case AOTRecordType::method:
    case AOTRecordType::classChain:
    case AOTRecordType::aotHeader: return type;
  }
  return std::unexpected(
      fmt::format("record {:#x}: there is no type {}", id_and_type, id_and_type & kTypeMask));
}

std::string aotClassContent(std::string_view rom_class) {
  // FNV-1a. Nobody is to be kept out by it: a client that lies about its classes deceives itself.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char each : rom_class) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  return fmt::format("{}:{:016x}", rom_class.size(), hash);
}

std::uint64_t aotIdAndType(std::uint64_t id, AOTRecordType type) {
  return (id << kTypeBits) | static_cast<std::uint64_t>(type);
}

std::string encode(const AOTRecord& record) {
  Writer writer;
  writer.add(record.id_and_type);
  writer.add(record.refers_to);
  writer.add(record.content);
  return writer.finish();
}

std::expected<AOTRecord, std::string> decodeAOTRecord(std::string_view bytes) {
  Reader reader(bytes, "serialization record");
  AOTRecord record;
  record.id_and_type = reader.number<std::uint64_t>();
  record.refers_to = reader.numbers();
  record.content = reader.text();
  if (auto error = reader.error(); !error.empty()) return std::unexpected(std::move(error));
  if (const auto type = aotRecordType(record.id_and_type); !type) return std::unexpected(type.error());
  return record;
}

std::string encode(const AOTMethod& method) {
  Writer writer;
  writer.add(method.key.class_chain);
  writer.add(method.key.header);
  writer.add(method.key.method_index);
  writer.add(method.records);
  writer.add(method.signature);
  writer.add(method.code);
  return writer.finish();
}

std::expected<AOTMethod, std::string> decodeAOTMethod(std::string_view bytes) {
  Reader reader(bytes, "AOT method");
  AOTMethod method;
  method.key.class_chain = reader.number<std::uint64_t>();
  method.key.header = reader.number<std::uint64_t>();
  method.key.method_index = reader.number<std::uint32_t>();
  method.records = reader.numbers();
  method.signature = reader.text();
  method.code = reader.text();
  if (auto error = reader.error(); !error.empty()) return std::unexpected(std::move(error));
  return method;
}

}  // namespace jitrig
