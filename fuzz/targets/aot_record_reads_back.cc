// Any bytes are refused in words as a record of an AOT cache and as a method of it, or are what we write of
// what was read.

#include <string_view>

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "protocol/stream/aot_record.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("aot_record_reads_back", [](InputBytes bytes) {
  const std::string_view text = textOf(bytes);
  const auto record = decodeAOTRecord(text);
  require(record || !record.error().empty(), "a record is refused in words");
  if (record) requireSameText(encode(*record), text);
  const auto method = decodeAOTMethod(text);
  require(method || !method.error().empty(), "a method is refused in words");
  if (method) requireSameText(encode(*method), text);
});

}  // namespace
}  // namespace jitrig::fuzz
