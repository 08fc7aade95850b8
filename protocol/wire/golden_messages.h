#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/wire/value.h"
#include "protocol/wire/wire_testing.h"

// For the tests of this room only.
namespace jitrig::testing {

/// A line of testdata/goldens.jsonl: a message that the real messaging code wrote, and what is in it.
struct Golden {
  struct Descriptor {
    std::size_t offset;
    std::size_t depth;
    std::string type;
    std::uint32_t padding;
    std::uint32_t data_offset;
    std::uint32_t element_size;
    std::uint32_t size;
    std::size_t payload_offset;
    std::size_t payload_size;
    friend bool operator==(const Descriptor&, const Descriptor&) = default;
  };

  std::string name;
  std::uint16_t type;
  std::uint32_t version;
  std::uint32_t config;
  std::uint16_t num_args;  ///< as in the header, so stale where the type has no body
  Bytes bytes;
  std::vector<std::pair<std::size_t, std::size_t>> pad_ranges;
  std::vector<Descriptor> descriptors;
  std::vector<Value> args;  ///< made from the C++ types and values, not from the bytes

  bool isBodyless() const { return type == 9 || type == 11; }

  /// What an encoder of ours must write: meaningless bytes zero, and the count of a body-less type.
  Bytes canonicalBytes() const { return cleared(bytes); }

  /// These bytes with everything cleared that means nothing in the golden.
  Bytes cleared(Bytes copy) const;
};

/// All of them, read once. Throws if the file is not there.
const std::vector<Golden>& goldens();
const Golden& golden(const std::string& name);

}  // namespace jitrig::testing
