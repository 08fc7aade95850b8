#pragma once

#include "protocol/stream/misconduct.h"
#include "protocol/stream/spoiled_message.h"

namespace jitrig {

/// What both personas' tables of misbehaviours are made of: each does one wrong thing with the message that
/// is due, whichever it is.

/// Sends what spoil(due) makes of it:  sendSpoiled<withTooFewDataPoints>.
template <auto spoil>
void sendSpoiled(Misstep& misstep) {
  misstep.send(spoil(misstep.due()));
}

void sendUnknownType(Misstep& misstep);             ///< a number that no release has
void sendHugeSize(Misstep& misstep);                ///< 2 GiB announced
void sendTooSmallSize(Misstep& misstep);            ///< 15 bytes announced
void sendUnalignedSize(Misstep& misstep);           ///< one byte less announced
void sendCountTooHigh(Misstep& misstep);            ///< one more than there are
void sendCountTooLow(Misstep& misstep);             ///< one less
void sendWithVersion(Misstep& misstep);             ///< the dialect's own
void sendWithOtherVersion(Misstep& misstep);        ///< major and minor number 99
void sendWithOtherConfiguration(Misstep& misstep);  ///< of Java 8 without compressed references

void sendTwice(Misstep& misstep);          ///< in one write
void sendByteByByte(Misstep& misstep);     ///< each in a write of its own
void sendInTwoPieces(Misstep& misstep);    ///< cut inside the size field, with a pause
void sendLate(Misstep& misstep);           ///< after a third of the timeout
void sendTooLate(Misstep& misstep);        ///< after twice the timeout
void sendHalfAndClose(Misstep& misstep);   ///< as a peer that dies in the middle
void sendHalfAndWait(Misstep& misstep);    ///< twice the timeout, then closes
void sendAndClose(Misstep& misstep);       ///< the whole message first
void sendAndReset(Misstep& misstep);       ///< the whole message first
void sendAndCloseWrite(Misstep& misstep);  ///< half close; goes on reading

void sendNothing(Misstep& misstep);        ///< waits twice the timeout, then closes
void closeInstead(Misstep& misstep);       ///< of sending
void resetInstead(Misstep& misstep);       ///< of sending
void closeWriteInstead(Misstep& misstep);  ///< half close, then waits twice the timeout
void sendHttp(Misstep& misstep);           ///< a request or answer of HTTP, then closes

}  // namespace jitrig
