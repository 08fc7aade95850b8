// Any bytes, as a message of the gRPC backend's, are refused with an offset, or are a frame with the values
// that protobuf reads in them, whose message comes back by way of its own frame. The input: a type, it.

#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/protobuf_reference.h"
#include "protocol/grpc/compile_frames.h"

namespace jitrig::fuzz {
namespace {

void requireBack(InputBytes message, std::optional<std::int32_t> expected, auto frame_of, auto message_of) {
  std::vector<std::byte> frame, again, room, more_room;
  const auto type = frame_of(message, frame);
  if (!type) return require(!expected && type.error().detail.starts_with("offset "), "an error says where");
  const auto read = readCompileFrame(frame);
  require(read && read->type == *type, "a frame of ours is read");
  if (expected) require(expected == *type && typeByProtobuf(frame) == *type, "protobuf reads the same type");
  if (*type != CompileFrameType::kCompilationInterrupted) requireSameData(message, read->message);
  const InputBytes back = message_of(*read, room);
  require(frame_of(back, again).has_value(), "a message of ours is a frame");
  requireEqual(message_of(readCompileFrame(again).value(), more_room), back, "a message comes back");
}

const FuzzTarget kTarget("grpc_frames_bring_message_back", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const auto type = std::int32_t{input.take<std::uint8_t>()};
  const InputBytes message = input.rest();
  requireBack(message, serverTypeByProtobuf(message), &serverFrameOf, &serverMessageOf);
  const auto frame_of = [type](InputBytes each, auto& frame) { return clientFrameOf(each, type, 1, frame); };
  if (type != CompileFrameType::kCompilationInterrupted)
    requireBack(message, clientTypeByProtobuf(message, type), frame_of, &clientMessageOf);
});

}  // namespace
}  // namespace jitrig::fuzz
