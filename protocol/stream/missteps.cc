#include "protocol/stream/missteps.h"

#include <string_view>

namespace jitrig {

void sendUnknownType(Misstep& misstep) {
  misstep.send(withType(misstep.due(), kTypeOfNoRelease));
}

void sendHugeSize(Misstep& misstep) {
  misstep.send(withSize(misstep.due(), 0x7fff'fffcU));
}

void sendTooSmallSize(Misstep& misstep) {
  misstep.send(withSize(misstep.due(), 15));
}

void sendUnalignedSize(Misstep& misstep) {
  misstep.send(withSize(misstep.due(), static_cast<std::uint32_t>(misstep.due().size() - 1)));
}

void sendCountTooHigh(Misstep& misstep) {
  misstep.send(withCount(misstep.due(), static_cast<std::uint16_t>(dataPointsOf(misstep.due()) + 1)));
}

void sendCountTooLow(Misstep& misstep) {
  misstep.send(withCount(misstep.due(), static_cast<std::uint16_t>(dataPointsOf(misstep.due()) - 1)));
}

void sendWithVersion(Misstep& misstep) {
  misstep.send(withVersion(misstep.due(), misstep.dialect().announced));
}

void sendWithOtherVersion(Misstep& misstep) {
  misstep.send(withVersion(misstep.due(),
                           {.version = versionWord(99, 99), .config = misstep.dialect().announced.config}));
}

void sendWithOtherConfiguration(Misstep& misstep) {
  const Configuration other{
      .java_version = 8, .compressed_references = false, .architecture = Architecture::none};
  misstep.send(
      withVersion(misstep.due(), {.version = misstep.dialect().announced.version, .config = other.word()}));
}

void sendTwice(Misstep& misstep) {
  misstep.send(concatenated(misstep.due(), misstep.due()));
}

void sendByteByByte(Misstep& misstep) {
  misstep.sendInPieces(misstep.frame(), 1);
}

void sendInTwoPieces(Misstep& misstep) {
  misstep.sendBytes(misstep.frame().first(2));
  misstep.pause(misstep.timeout() / 10);
  misstep.sendBytes(misstep.frame().subspan(2));
}

void sendLate(Misstep& misstep) {
  misstep.pause(misstep.timeout() / 3);
  misstep.sendDue();
}

void sendTooLate(Misstep& misstep) {
  misstep.pause(2 * misstep.timeout());
  misstep.sendDue();
}

void sendHalfAndClose(Misstep& misstep) {
  misstep.sendBytes(firstHalf(misstep.frame()));
  misstep.close();
}

void sendHalfAndWait(Misstep& misstep) {
  misstep.sendBytes(firstHalf(misstep.frame()));
  misstep.staySilent();
}

void sendAndClose(Misstep& misstep) {
  misstep.sendDue();
  misstep.close();
}

void sendAndReset(Misstep& misstep) {
  misstep.sendDue();
  misstep.reset();
}

void sendAndCloseWrite(Misstep& misstep) {
  misstep.sendDue();
  misstep.closeWrite();
}

void sendNothing(Misstep& misstep) {
  misstep.staySilent();
}

void closeInstead(Misstep& misstep) {
  misstep.close();
}

void resetInstead(Misstep& misstep) {
  misstep.reset();
}

void closeWriteInstead(Misstep& misstep) {
  misstep.closeWrite();
  misstep.staySilent();
}

void sendHttp(Misstep& misstep) {
  constexpr std::string_view kHttp = "GET / HTTP/1.1\r\nHost: jitserver\r\n\r\n";
  misstep.send(std::as_bytes(std::span(kHttp)));
  misstep.close();
}

}  // namespace jitrig
