#include "fakevm/vm_misbehaviours.h"

#include <vector>

#include "fakevm/misbehaviours/tables.h"

namespace jitrig {
namespace {

std::vector<Misbehaviour> allParts() {
  std::vector<Misbehaviour> all;
  for (const auto part :
       {connectingMisbehaviours(), requestMisbehaviours(), replyMisbehaviours(), goodbyeMisbehaviours()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::span<const Misbehaviour> vmMisbehaviourTable() {
  static const std::vector<Misbehaviour> kTable = allParts();
  return kTable;
}

std::span<const MisbehaviourInfo> vmMisbehaviours() {
  static const std::vector<MisbehaviourInfo> kInfos = misbehaviourInfos(vmMisbehaviourTable());
  return kInfos;
}

}  // namespace jitrig
