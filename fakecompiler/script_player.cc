#include "fakecompiler/script_player.h"

#include <algorithm>
#include <stdexcept>

namespace jitrig {
namespace {

/// Client UID, and the numbers behind it, differ between a recording and its replay.
std::span<const Value> withoutIdentity(std::span<const Value> request) {
  std::size_t identity = request.empty() ? 0 : 1;
  while (identity < request.size() && request[identity].type() == DataType::UINT32) ++identity;
  return request.subspan(identity);
}

bool recordedFor(const ScriptedCompilation& compilation, std::span<const Value> request) {
  return compilation.request &&
         std::ranges::equal(withoutIdentity(*compilation.request), withoutIdentity(request));
}

}  // namespace

ScriptPlayer::ScriptPlayer(Runtime& runtime, Script script)
    : script_(std::move(script)),
      mutex_(runtime.makeMutex("script")),
      played_(script_.compilations.size(), false) {
  if (script_.compilations.empty()) throw std::invalid_argument("a script needs at least one compilation");
}

const ScriptedCompilation& ScriptPlayer::take(std::span<const Value> request) {
  const Lock lock(*mutex_);
  if (played_count_ == played_.size()) {
    played_.assign(played_.size(), false);
    played_count_ = 0;
  }
  std::size_t chosen = played_.size();
  for (std::size_t i = 0; i < played_.size(); ++i) {
    if (played_[i]) continue;
    if (chosen == played_.size()) chosen = i;
    if (recordedFor(script_.compilations[i], request)) {
      chosen = i;
      break;
    }
  }
  played_[chosen] = true;
  ++played_count_;
  return script_.compilations[chosen];
}

}  // namespace jitrig
