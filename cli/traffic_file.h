#pragma once

#include <memory>
#include <optional>
#include <string>

#include "capture/pcap_writer.h"
#include "capture/recorder.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// The pcap file of --record. Must outlive the streams that it records.
class TrafficFile {
 public:
  /// An empty path: nothing is recorded. Throws CommandError if the file cannot be made.
  TrafficFile(Runtime& runtime, const std::string& path);

  /// `local`: whether this end opened the connection.
  std::unique_ptr<ByteStream> record(std::unique_ptr<ByteStream> stream, Peer local);

  /// Throws CommandError if something could not be written. After all streams have ended.
  void finish();

 private:
  std::optional<PcapWriter> writer_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace jitrig
