#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/jitaas/tagged_value.h"

// For tests only.
namespace jitrig::testing {

/// A line of testdata/goldens_protobuf.jsonl: a message that the real socket code wrote, and what is in it.
struct JitaasGolden {
  std::string name;
  std::string type_name;
  std::int32_t type;
  std::uint64_t version;
  std::vector<TaggedValue> values;  ///< made from the C++ types and values, not from the bytes
  std::vector<std::byte> frame;
};

/// All of them, read once. Throws if the file is not there.
const std::vector<JitaasGolden>& jitaasGoldens();
const JitaasGolden& jitaasGolden(const std::string& name);

}  // namespace jitrig::testing
