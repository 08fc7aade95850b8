#pragma once

#include <cstdint>
#include <string_view>

#include "fakevm/client_life.h"
#include "fakevm/incompatible_server.h"
#include "fakevm/read_errors.h"
#include "fakevm/server_availability.h"

namespace jitrig {

/// Where an attempt to compile a method takes place, and if locally, why.
enum class RemoteDecision : std::uint8_t {
  remote,
  probe,              ///< remote, to find out for all threads whether the server is back
  localWaiting,       ///< the server failed, and the time to try again has not come
  localOthersProbe,   ///< it has come, and another thread is finding out
  localAfterCrash,    ///< the server crashed over this method
  localIncompatible,  ///< the server refused the version a short while ago
  localSuppressed,    ///< no server is to be asked
};

/// Whether the server is asked.
bool isRemote(RemoteDecision decision);
/// Why locally, in words for people; "" if remote.
std::string_view reasonOf(RemoteDecision decision);

/// Decides for each attempt of a VM's threads, by what became of those before (semantics.md, section 5).
/// Not thread-safe; the VM has a lock.
class RemoteChoice {
 public:
  explicit RemoteChoice(const ClientLifeOptions& options);

  /// For an attempt that begins now.
  RemoteDecision decide(Instant now);

  /// A connection came about.
  void connected() { server_.connected(); }
  /// An attempt that was decided so is over. `answered`: a message of the server was read. To be told before
  /// what ended it.
  void attemptEnded(RemoteDecision decision, bool answered);
  /// A stream failed. How long the client waits for the next attempt.
  Duration failed(const StreamLoss& loss, Instant now);
  /// The server called the version incompatible.
  void incompatible(Instant now) { incompatible_.refused(now); }

  const ServerAvailability& server() const { return server_; }

 private:
  bool suppressed_;
  ServerAvailability server_;
  ReadErrors read_errors_;
  IncompatibleServer incompatible_;
  bool probing_ = false;
};

}  // namespace jitrig
