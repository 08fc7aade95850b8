#include "protocol/wire/wire_error.h"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "protocol/wire/text_error.h"

namespace jitrig::testing {
namespace {

TEST(WireError, NamesOffsetFieldNumbersAndCode) {
  EXPECT_EQ(toString(WireError{WireErrc::descriptorPastEnd, 20, "data point size", 4096, 8}),
            "offset 20: data point size: 4096, but only 8 bytes are left (descriptorPastEnd)");
  EXPECT_EQ(toString(WireError{WireErrc::messageTooLarge, 0, "message size", 70000000, 67108864}),
            "offset 0: message size: 70000000 bytes, the limit is 67108864 (messageTooLarge)");
  EXPECT_EQ(toString(WireError{WireErrc::foreignProtocol, 0, "message size", 0, 0, "this is HTTP"}),
            "offset 0: message size: not a JITServer message; this is HTTP (foreignProtocol)");
  EXPECT_EQ(toString(WireError{WireErrc::bigEndianPeer, 0, "message size", 469762048, 28}),
            "offset 0: message size: 469762048 makes sense only with its bytes swapped (28): the peer is "
            "big-endian, "
            "which is not supported (bigEndianPeer)");
}

TEST(WireError, HasWordsAndANameForEveryCode) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(WireErrc::misalignedView); ++code) {
    const WireError error{static_cast<WireErrc>(code), 16, "field", 1, 2};
    EXPECT_NE(toString(error.code), "unknown") << code;
    EXPECT_EQ(toString(error).find("unknown error"), std::string::npos) << code;
    names.insert(std::string(toString(error.code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(WireErrc::misalignedView) + 1);
}

TEST(TextError, NamesOffsetAndFieldIfThereIsOne) {
  EXPECT_EQ(toString(TextError{17, "data[2].int32", "too large"}), "offset 17: data[2].int32: too large");
  EXPECT_EQ(toString(TextError{17, "", "too large"}), "offset 17: too large");
}

}  // namespace
}  // namespace jitrig::testing
