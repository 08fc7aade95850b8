#pragma once

#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/codec/values.h"

namespace jitrig::bench {

/// What is measured: one codec doing one thing to one message, once per call. The actions:
///   encode  values -> bytes in a buffer that is used again and again
///   decode  bytes -> checked -> values that own what they hold, made anew each time
///   view    bytes -> checked -> views of the bytes, in results that are used again and again
struct Operation {
  std::string message;
  std::string action;
  std::string codec;
  void (*run)();
};

/// All of them, in the order in which the tables show them. Throws if a codec does not give back what it was
/// given: what is wrong is not worth measuring.
std::vector<Operation> allOperations();

/// The compiler must not know what becomes of a value, nor that it stays as it is.
template <class T>
[[gnu::always_inline]] inline void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

/// Calls `visit.template operator()<kId>()` for the six messages.
template <class Visit>
void forEachMessage(Visit visit) {
  visit.template operator()<MessageId::pointerAndInt>();
  visit.template operator()<MessageId::eightScalars>();
  visit.template operator()<MessageId::stringAndScalars>();
  visit.template operator()<MessageId::hundredTuples>();
  visit.template operator()<MessageId::request>();
  visit.template operator()<MessageId::code>();
}

/// What every codec reads and writes from. Variables of their own, so that getting at them is one load.
template <MessageId kId>
inline std::span<const std::byte> input = encoded<kId>();
template <MessageId kId>
inline const ValuesOf<kId>* source = &values<kId>();

/// False where reading into views is the same as reading into values.
template <MessageId kId>
inline constexpr bool kHasViews = !std::is_same_v<ValuesOf<kId>, ViewsOf<kId>>;

// One per codec; each checks itself.
void addJitrig(std::vector<Operation>& operations);
void addHandWritten(std::vector<Operation>& operations);
void addProtobuf(std::vector<Operation>& operations);
void addFlatbuffers(std::vector<Operation>& operations);
void addMsgpack(std::vector<Operation>& operations);
/// The older generation: messages of its own, beside the generated classes filled by hand.
void addJitaas(std::vector<Operation>& operations);

}  // namespace jitrig::bench
