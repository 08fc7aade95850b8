#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/stream/class_changes.h"
#include "protocol/stream/compilation_request_layout.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// Where a request stands among those of its client (semantics.md, section 3).
struct RequestNumbers {
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;
  std::uint32_t critical_number = 0;  ///< of the last critical request before it, which it has to wait for
  bool critical = false;              ///< it tells of changes, so that later ones have to wait for it
  bool unloads = false;               ///< of classes, too: nobody may rely on them meanwhile
};

/// What a server without a compiler makes use of in a compilationRequest.
struct CompileRequest {
  RequestNumbers numbers;
  ClassChanges updates;  ///< not empty: the request is critical
  std::uint64_t method_address = 0;
  std::uint64_t class_address = 0;
  bool has_class_info = false;  ///< the ROM class came with it
  bool jit_dump = false;        ///< of a method over which a compilation crashed: never critical
};

/// What a request must have to be read.
enum class RequestDataPoints : std::uint8_t {
  ofRelease,  ///< those of the release, if they are known
  any,        ///< whatever is there, after a client UID
};

/// Finds it in the requests of a release.
class CompileRequestReader {
 public:
  /// `dialect` must outlive it.
  explicit CompileRequestReader(const Dialect& dialect);

  /// What the release or this message does not have is zero or empty.
  CompileRequest read(MessageView request) const;

  /// Throws StreamTypeMismatch or StreamArityMismatch if the data points are not `expected`, or there is no
  /// client UID, in words that begin with the stream's name.
  CompileRequest readChecked(MessageView request, const std::string& stream,
                             RequestDataPoints expected) const;

 private:
  void requireDataPointsOfRelease(MessageView request, const std::string& stream) const;
  void readOrder(DataPoint point, std::size_t index, CompileRequest& found) const;

  const Dialect& dialect_;
  CompilationRequestLayout layout_;
};

}  // namespace jitrig
