// Any bytes, as a message of the gRPC backend's, are refused with the offset of what is wrong, or are a frame
// whose type is read, and which is a message that comes back as it is by way of its own frame. (The first one
// need not: it may say things twice, or what such a message does not say.) The input: a type, the message.

#include <cstdint>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "protocol/grpc/compile_frames.h"

namespace jitrig::fuzz {
namespace {

template <class ToFrame, class ToMessage>
void requireBack(InputBytes message, ToFrame frameOf, ToMessage messageOf) {
  const CompileBytes frame = frameOf(message);
  if (!frame) return require(frame.error().detail.starts_with("offset "), "an error says where");
  require(frameTypeOf(*frame).has_value(), "a frame has a type");
  const CompileBytes back = messageOf(*frame);
  require(back.has_value(), "a frame of ours is a message");
  const CompileBytes again = frameOf(*back);
  require(again.has_value(), "a message of ours is a frame");
  const CompileBytes same = messageOf(*again);
  require(same.has_value(), "a frame of ours is a message");
  requireEqual(*same, *back, "a message comes back");
}

const FuzzTarget kTarget("grpc_frames_bring_message_back", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const auto type = std::int32_t{input.take<std::uint8_t>()};
  const InputBytes message = input.rest();
  requireBack(message, &serverFrameOf, &serverMessageOf);
  if (type == CompileFrameType::kCompilationInterrupted) return;  // which a status says, not the type
  requireBack(message, [type](InputBytes each) { return clientFrameOf(each, type, 1); }, &clientMessageOf);
});

}  // namespace
}  // namespace jitrig::fuzz
