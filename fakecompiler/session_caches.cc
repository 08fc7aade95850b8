#include "fakecompiler/session_caches.h"

#include <algorithm>

#include "fakecompiler/data_point_values.h"
#include "protocol/runtime/reached.h"

namespace jitrig {
namespace {

/// First and last address of each; half a range at the end is none.
std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const DataPoint& point) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  const std::vector<std::uint64_t> numbers = numbersIn(point);
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) found.emplace_back(numbers[i], numbers[i + 1]);
  return found;
}

}  // namespace

SessionCaches::SessionCaches(Runtime& runtime) : changed_(runtime.makeCondition("session caches")) {}

SessionCaches::Task SessionCaches::begin(Lock& lock, bool fetches) {
  if (state_ == State::fetching) JITRIG_REACHED("caches: a request waits until another has filled them");
  changed_->wait(lock, kNever, [this] { return state_ != State::fetching; });
  if (state_ == State::filled || !fetches) return Task::apply;
  state_ = State::fetching;
  outdated_ = false;
  return Task::fetch;
}

/// Somebody else may have emptied the caches meanwhile: what was fetched before that is not true any more.
void SessionCaches::fetched(MessageView reply, const ClassChanges& updates, std::uint32_t sequence_number) {
  if (outdated_) {
    JITRIG_REACHED("caches: they are emptied while they are filled");
    return notFetched();
  }
  contents_.unloaded_ranges.clear();
  std::size_t index = 0;
  for (const DataPoint point : reply.dataPoints()) {
    if (index == 0) contents_.unloaded_ranges = ranges(point);  // no more than a message holds
    if (index == 2) contents_.class_hierarchy_bytes = point.payload().size();
    ++index;
  }
  unload(updates.unloaded_classes);
  last_changed_by_ = sequence_number;
  state_ = State::filled;
  contents_.filled = true;
  changed_->notifyAll();
}

void SessionCaches::notFetched() {
  state_ = State::empty;
  changed_->notifyAll();
}

void SessionCaches::apply(const ClassChanges& updates, std::uint32_t sequence_number) {
  if (updates.empty()) return;
  last_changed_by_ = sequence_number;
  unload(updates.unloaded_classes);
  for (const std::uint64_t each : updates.modified_classes) {
    if (contents_.modified_classes.size() < kMaxRemembered) contents_.modified_classes.insert(each);
  }
  const bool changes_hierarchy =
      !updates.class_hierarchy_removals.empty() || !updates.class_hierarchy_changes.empty();
  if (changes_hierarchy && contents_.class_hierarchy_updates.size() < kMaxRemembered)
    contents_.class_hierarchy_updates.push_back(sequence_number);
}

bool SessionCaches::knows(std::uint32_t sequence_number) const {
  return state_ != State::filled || last_changed_by_ == sequence_number;
}

void SessionCaches::addClass(std::uint64_t class_address) {
  if (contents_.classes.size() < kMaxRemembered) contents_.classes.insert(class_address);
}

void SessionCaches::addMethod(std::uint64_t method_address, std::uint64_t class_address) {
  if (contents_.methods.size() < kMaxRemembered) contents_.methods[method_address] = class_address;
}

bool SessionCaches::wantsVMInfo() {
  return !std::exchange(contents_.vm_info, true);
}

void SessionCaches::clear() {
  Contents fresh;
  fresh.vm_info = contents_.vm_info;
  fresh.cleared = contents_.cleared + 1;
  contents_ = std::move(fresh);
  outdated_ = true;
  if (state_ == State::filled) state_ = State::empty;
}

/// In one pass: a message names millions of classes, and a session has many methods.
void SessionCaches::unload(std::span<const std::uint64_t> class_addresses) {
  if (class_addresses.empty()) return;
  std::vector<std::uint64_t> unloaded(class_addresses.begin(), class_addresses.end());
  std::ranges::sort(unloaded);
  const auto is_unloaded = [&](std::uint64_t class_address) {
    return std::ranges::binary_search(unloaded, class_address);
  };
  std::erase_if(contents_.classes, is_unloaded);
  std::erase_if(contents_.modified_classes, is_unloaded);
  std::erase_if(contents_.methods, [&](const auto& method) { return is_unloaded(method.second); });
}

}  // namespace jitrig
