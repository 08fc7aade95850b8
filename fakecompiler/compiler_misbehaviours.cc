#include "fakecompiler/compiler_misbehaviours.h"

#include <vector>

#include "fakecompiler/misbehaviours/tables.h"

namespace jitrig {
namespace {

std::vector<Misbehaviour> allParts() {
  std::vector<Misbehaviour> all;
  for (const auto part : {acceptingMisbehaviours(), queryMisbehaviours(), finalMisbehaviours()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::span<const Misbehaviour> compilerMisbehaviourTable() {
  static const std::vector<Misbehaviour> kTable = allParts();
  return kTable;
}

std::span<const MisbehaviourInfo> compilerMisbehaviours() {
  static const std::vector<MisbehaviourInfo> kInfos = misbehaviourInfos(compilerMisbehaviourTable());
  return kInfos;
}

}  // namespace jitrig
