#include "bench/codec/operations.h"

namespace jitrig::bench {

std::vector<Operation> allOperations() {
  std::vector<Operation> operations;
  addJitrig(operations);
  addHandWritten(operations);
  addProtobuf(operations);
  addFlatbuffers(operations);
  addMsgpack(operations);
  addJitaas(operations);
  return operations;
}

}  // namespace jitrig::bench
