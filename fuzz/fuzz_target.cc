#include "fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "protocol/wire/hex.h"

namespace jitrig::fuzz {
namespace {

std::vector<const FuzzTarget*>& registered() {
  static std::vector<const FuzzTarget*> targets;
  return targets;
}

}  // namespace

FuzzTarget::FuzzTarget(std::string_view name, Check property) : name_(name), check_(property) {
  registered().push_back(this);
}

const std::vector<const FuzzTarget*>& FuzzTarget::all() {
  return registered();
}

void requireEqual(InputBytes found, InputBytes expected, const char* what, std::source_location where) {
  const bool equal = found.size() == expected.size() &&
                     (found.empty() || std::memcmp(found.data(), expected.data(), found.size()) == 0);
  if (equal) [[likely]]
    return;
  failed(std::string(what) + "\n  found    " + toHex(found) + "\n  expected " + toHex(expected), where);
}

void failed(const std::string& what, std::source_location where) {
  std::fprintf(stderr, "%s:%u: does not hold: %s\n", where.file_name(), static_cast<unsigned>(where.line()),
               what.c_str());
  std::abort();
}

}  // namespace jitrig::fuzz
