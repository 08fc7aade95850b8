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

ScriptPlayer::ScriptPlayer(Runtime& runtime, std::shared_ptr<const Script> script)
    : script_(std::move(script)),
      has_recorded_requests_(std::ranges::any_of(
          script_->compilations, [](const ScriptedCompilation& each) { return each.request.has_value(); })),
      mutex_(runtime.makeMutex("script")),
      played_(script_->compilations.size(), false) {
  if (script_->compilations.empty()) throw std::invalid_argument("a script needs at least one compilation");
}

const ScriptedCompilation& ScriptPlayer::take(MessageView request) {
  const Lock lock(*mutex_);
  if (played_count_ == played_.size()) {
    played_.assign(played_.size(), false);
    played_count_ = 0;
    first_unplayed_ = 0;
  }
  const std::size_t chosen = choose(request);
  played_[chosen] = true;
  ++played_count_;
  while (first_unplayed_ < played_.size() && played_[first_unplayed_]) ++first_unplayed_;
  return script_->compilations[chosen];
}

std::size_t ScriptPlayer::choose(MessageView request) const {
  if (!has_recorded_requests_) return first_unplayed_;
  const std::vector<Value> values = toValues(request);
  for (std::size_t i = first_unplayed_; i < played_.size(); ++i) {
    if (!played_[i] && recordedFor(script_->compilations[i], values)) return i;
  }
  return first_unplayed_;
}

}  // namespace jitrig
