#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/wire/message.h"

namespace jitrig::fuzz {

/// The message after one to three edits at the level of its data points, anywhere in it: a value is changed,
/// another comes in its place, it is doubled, dropped, exchanged with its neighbour, put into a container or
/// taken out of one. One time in four one field of one descriptor, or of the header, then lies, and its
/// surroundings know nothing of it; or the border between two data points is moved. The same seed makes the
/// same edits.
std::vector<std::byte> editedMessage(MessageView message, std::uint64_t seed);

/// The same to one message of a stream of whole ones, which begins at `offset`. Empty: there is no message to
/// edit.
std::vector<std::byte> editedStream(std::span<const std::byte> stream, std::size_t offset,
                                    std::uint64_t seed);

}  // namespace jitrig::fuzz
