#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// What serialization records of an AOT cache describe.
enum class AOTRecordType : std::uint8_t {
  classLoader = 0,  ///< by the name of the first class that it loaded
  loadedClass = 1,  ///< its loader, and which ROM class
  method = 2,       ///< its class, and its index there
  classChain = 3,   ///< a class, and what it extends
  aotHeader = 5,    ///< of a client's VM: what compiled code relies on
};
/// nullopt: no record is of such a type.
std::expected<AOTRecordType, std::string> aotRecordType(std::uint64_t id_and_type);

/// One serialization record: something that AOT methods refer to, in a form that every client can find its
/// own counterpart of. Ids are of one server's cache, and mean something else elsewhere. The message types
/// carry records as strings, of whose content the catalogue says nothing: the form is jitrig's own.
struct AOTRecord {
  std::uint64_t id_and_type = 0;         ///< as newKnownIds has them: the id, and the type in the lowest bits
  std::vector<std::uint64_t> refers_to;  ///< other records, by the same; all of them come before it
  std::string content;                   ///< a name, a hash, an index, a header, as the type has it

  bool operator==(const AOTRecord&) const = default;
};

/// A ROM class as records tell it apart from others: its size, and a hash of its bytes.
std::string aotClassContent(std::string_view rom_class);

std::uint64_t aotIdAndType(std::uint64_t id, AOTRecordType type);  ///< as messages name a record
std::string encode(const AOTRecord& record);                       ///< as the payload of a string
/// The error says what is wrong, for every string that encode() does not make.
std::expected<AOTRecord, std::string> decodeAOTRecord(std::string_view bytes);

/// By what a method is stored and found.
struct AOTMethodKey {
  std::uint64_t class_chain = 0;  ///< records, by id and type
  std::uint64_t header = 0;
  std::uint32_t method_index = 0;

  auto operator<=>(const AOTMethodKey&) const = default;
};

/// A compiled method in a form that every client with the same classes can load.
struct AOTMethod {
  AOTMethodKey key;
  std::vector<std::uint64_t> records;  ///< all that it refers to, directly or not, in the order of loading
  std::string signature;               ///< "com/example/Orders.total(I)J"
  std::string code;

  bool operator==(const AOTMethod&) const = default;
};

std::string encode(const AOTMethod& method);  ///< as the payload of a string
/// The error says what is wrong, for every string that encode() does not make.
std::expected<AOTMethod, std::string> decodeAOTMethod(std::string_view bytes);

}  // namespace jitrig
