#pragma once

#include <cstddef>

#include "capture/packet.h"
#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// What a packet is by the rules of its headers, read at places of the whole packet and with nothing of
/// capture's reader, which peels one header after the other: what that finds is held against it. `problem`
/// stays empty.
///
/// The rules: 802.1Q and tcpdump's list of link layers; RFC 791, 8200, 9293; of the headers between IPv6 and
/// TCP RFC 4302, 6275, 7401, 5533. Both readers leave these in three ways: the headers may come in any order,
/// that of authentication may be too short to hold anything, and over IPv4 it is not looked for.
DecodedPacket packetByTheRules(LinkType link_type, InputBytes captured, std::size_t wire_length);

}  // namespace jitrig::fuzz
