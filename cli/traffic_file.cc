#include "cli/traffic_file.h"

#include <chrono>

#include "cli/exit_status.h"

namespace jitrig {

TrafficFile::TrafficFile(Runtime& runtime, const std::string& path) {
  if (path.empty()) return;
  // The times of a recording count from the Runtime's beginning; the file shows them as times of day.
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
  auto writer =
      PcapWriter::create(path, {.start_time_ns = now_ns - runtime.now().ns, .flush_each_event = true});
  if (!writer) throw CommandError(ExitStatus::unreadableInput, "--record: " + writer.error());
  writer_ = std::move(*writer);
  recording_ = std::make_unique<Recording>(runtime, *writer_);
}

std::unique_ptr<ByteStream> TrafficFile::record(std::unique_ptr<ByteStream> stream, Peer local) {
  return recording_ ? recording_->record(std::move(stream), local) : std::move(stream);
}

void TrafficFile::finish() {
  if (!recording_) return;
  if (const auto error = recording_->error()) {
    throw CommandError(ExitStatus::foundSomething, "the recording is incomplete: " + *error);
  }
  if (const auto flushed = writer_->flush(); !flushed) {
    throw CommandError(ExitStatus::foundSomething, "the recording is incomplete: " + flushed.error());
  }
}

}  // namespace jitrig
