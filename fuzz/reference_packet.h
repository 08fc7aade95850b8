#pragma once

#include <cstddef>

#include "capture/packet.h"
#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// What a packet is by the rules of its headers (RFC 791, 8200, 4302, 9293 and tcpdump's list of link
/// layers), read at places of the whole packet and with nothing of capture's reader, which peels one header
/// after the other: what that finds is held against it. `problem` stays empty.
DecodedPacket packetByTheRules(LinkType link_type, InputBytes captured, std::size_t wire_length);

}  // namespace jitrig::fuzz
