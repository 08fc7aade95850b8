#include <string_view>

#include "fakecompiler/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// A connection was accepted, or its request has been read.
namespace jitrig {
namespace {

constexpr auto kAccepted = ConversationStep::accepted;
constexpr auto kRequestRead = ConversationStep::requestRead;
using enum MisbehaviourEffect;

void sendBanner(Misstep& misstep) {
  constexpr std::string_view kBanner = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
  misstep.send(std::as_bytes(std::span(kBanner)));
  misstep.close();
}

void sendQuery(Misstep& misstep) {
  misstep.send(encodedRequest(misstep.dialect(), typeNamed(misstep.dialect(), "VM_isClassArray")));
}

void sendFinal(Misstep& misstep) {
  misstep.send(encodedRequest(misstep.dialect(), misstep.dialect().compilation_code));
}

void sendEcho(Misstep& misstep) {
  misstep.send(misstep.stream().message().serialize());
}

constexpr Misbehaviour kAcceptingTable[] = {
    {{"accept_close", "The server accepts a connection and closes it.", ends}, kAccepted, closeInstead},
    {{"accept_reset", "The server accepts a connection and resets it.", ends}, kAccepted, resetInstead},
    {{"accept_half_close", "The server closes its side before the request, and never reads.", ends},
     kAccepted,
     closeWriteInstead},
    {{"accept_silent", "The server accepts a connection, and never reads the request.", waits},
     kAccepted,
     sendNothing},
    {{"accept_banner", "The server speaks first, with the banner of another protocol.", ends},
     kAccepted,
     sendBanner},
    {{"accept_query", "The server asks before it has read a request.", depends, true}, kAccepted, sendQuery},
    {{"accept_final", "The server sends code before it has read a request.", depends, true},
     kAccepted,
     sendFinal},
    {{"request_close", "The server reads the request and closes.", ends}, kRequestRead, closeInstead},
    {{"request_reset", "The server reads the request and resets the connection.", ends},
     kRequestRead,
     resetInstead},
    {{"request_half_close", "The server reads the request and closes its side.", ends},
     kRequestRead,
     closeWriteInstead},
    {{"request_ignored", "The server reads the request and says nothing.", waits}, kRequestRead, sendNothing},
    {{"request_echo", "The server sends the request back.", ends}, kRequestRead, sendEcho},
    {{"request_interrupt", "The server sends compilationInterrupted, which only clients do.", ends},
     kRequestRead,
     [](Misstep& misstep) { misstep.send(encodedBodyless(misstep.dialect().compilation_interrupted)); }},
    {{"request_goodbye", "The server sends connectionTerminate, which only clients do.", ends},
     kRequestRead,
     [](Misstep& misstep) { misstep.send(encodedBodyless(misstep.dialect().connection_terminate)); }},
    {{"request_http", "The server answers as a server of HTTP does.", ends}, kRequestRead, sendHttp},
};

}  // namespace

std::span<const Misbehaviour> acceptingMisbehaviours() {
  return kAcceptingTable;
}

}  // namespace jitrig
