#include "fakecompiler/parked_streams.h"

#include <algorithm>

namespace jitrig {

ParkedStreams::ParkedStreams(Runtime& runtime, Handler readable, Handler silent)
    : runtime_(runtime),
      readable_(std::move(readable)),
      silent_(std::move(silent)),
      selector_(runtime.makeSelector("parked streams")),
      mutex_(runtime.makeMutex("parked streams")) {}

ParkedStreams::~ParkedStreams() {
  stop();
}

void ParkedStreams::start() {
  task_ = runtime_.spawn("parked streams", [this] { run(); });
}

void ParkedStreams::park(std::unique_ptr<ServerStream> stream, Instant deadline) {
  if (stream->hasBufferedInput()) return readable_(std::move(stream));
  Waitable& waitable = stream->waitable();
  {
    const Lock lock(*mutex_);
    if (stopping_) return;
    parked_.emplace(++last_id_, Parked{std::move(stream), deadline});
    selector_->add(waitable);
  }
  selector_->wake();  // its deadline may be the next one
}

void ParkedStreams::stop() {
  std::map<std::uint64_t, Parked> closing;  // destroyed, and so closed, without the lock
  {
    const Lock lock(*mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  selector_->wake();
  if (task_) task_->join();
  const Lock lock(*mutex_);
  for (auto& [id, parked] : parked_) selector_->remove(parked.stream->waitable());
  closing.swap(parked_);
}

std::size_t ParkedStreams::count() const {
  const Lock lock(*mutex_);
  return parked_.size();
}

void ParkedStreams::run() {
  while (true) {
    const std::vector<Waitable*> ready = selector_->wait(nextDeadline());
    {
      const Lock lock(*mutex_);
      if (stopping_) return;
    }
    for (auto& stream : takeReady(ready)) readable_(std::move(stream));
    for (auto& stream : takeSilent()) silent_(std::move(stream));
  }
}

Instant ParkedStreams::nextDeadline() const {
  const Lock lock(*mutex_);
  Instant next = kNever;
  for (const auto& [id, parked] : parked_) next = std::min(next, parked.deadline);
  return next;
}

std::vector<std::unique_ptr<ServerStream>> ParkedStreams::takeReady(const std::vector<Waitable*>& ready) {
  std::vector<std::unique_ptr<ServerStream>> taken;
  if (ready.empty()) return taken;
  const Lock lock(*mutex_);
  for (auto parked = parked_.begin(); parked != parked_.end();) {
    // The Selector reports a Waitable once, and has forgotten it since.
    if (std::ranges::find(ready, &parked->second.stream->waitable()) != ready.end()) {
      taken.push_back(std::move(parked->second.stream));
      parked = parked_.erase(parked);
    } else {
      ++parked;
    }
  }
  return taken;
}

std::vector<std::unique_ptr<ServerStream>> ParkedStreams::takeSilent() {
  std::vector<std::unique_ptr<ServerStream>> taken;
  const Instant now = runtime_.now();
  const Lock lock(*mutex_);
  for (auto parked = parked_.begin(); parked != parked_.end();) {
    if (parked->second.deadline <= now) {
      selector_->remove(parked->second.stream->waitable());
      taken.push_back(std::move(parked->second.stream));
      parked = parked_.erase(parked);
    } else {
      ++parked;
    }
  }
  return taken;
}

}  // namespace jitrig
