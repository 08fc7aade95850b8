#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// A connection has come about, and the request is to follow.
namespace jitrig {
namespace {

constexpr auto kConnectingStep = ConversationStep::connected;
using enum MisbehaviourEffect;

constexpr Misbehaviour kConnectingTable[] = {
    {{"connect_silent", "The VM connects and says nothing.", waits}, kConnectingStep, sendNothing},
    {{"connect_close", "The VM connects and closes, as a health probe does.", ends},
     kConnectingStep,
     closeInstead},
    {{"connect_reset", "The VM connects and resets the connection.", ends}, kConnectingStep, resetInstead},
    {{"connect_half_close", "The VM connects and closes its side without a request.", waits},
     kConnectingStep,
     closeWriteInstead},
    {{"connect_http", "The VM speaks HTTP.", ends}, kConnectingStep, sendHttp},
    {{"connect_interrupt", "The first message is compilationInterrupted, before any request.", ends},
     kConnectingStep,
     [](Misstep& misstep) { misstep.send(encodedBodyless(misstep.dialect().compilation_interrupted)); }},
    {{"connect_reply", "The first message is the answer to a query that nobody asked.", ends},
     kConnectingStep,
     [](Misstep& misstep) {
       misstep.send(encodedRequest(misstep.dialect(), typeNamed(misstep.dialect(), "VM_isClassArray")));
     }},
    {{"connect_final", "The first message is compilationCode, which only servers send.", ends},
     kConnectingStep,
     [](Misstep& misstep) {
       misstep.send(encodedRequest(misstep.dialect(), misstep.dialect().compilation_code));
     }},
    {{"connect_goodbye", "The VM says connectionTerminate, and sends its request nevertheless.", ends},
     kConnectingStep,
     [](Misstep& misstep) { misstep.send(encodedBodyless(misstep.dialect().connection_terminate)); }},
};

}  // namespace

std::span<const Misbehaviour> connectingMisbehaviours() {
  return kConnectingTable;
}

}  // namespace jitrig
