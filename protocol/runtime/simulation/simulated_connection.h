#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/readiness.h"
#include "protocol/runtime/simulation/link.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

/// One end of a connection over a pair of links. As with TCP, destroying an end that has unread bytes resets
/// the connection, and so does writing to an end that is gone, one latency later.
class SimulatedConnection final : public Connection, public ReadinessSource, private LinkEnd {
 public:
  /// `side` (0 or 1) says which of the links is the outgoing one.
  SimulatedConnection(Scheduler& scheduler, std::shared_ptr<LinkPair> links, std::size_t side,
                      std::string local_name, std::string peer_name);
  ~SimulatedConnection() override;

  const std::string& name() const override { return name_; }
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<void> closeWrite() override;
  void reset() override;
  void cancel() override;
  std::string localName() const override { return local_name_; }
  std::string peerName() const override { return peer_name_; }

  bool readyNow() const override;
  void setObserver(ReadinessObserver* observer) override { observer_ = observer; }

 private:
  void somethingArrived() override;
  void spaceAppeared() override;
  void hostCrashed(HostCrash how) override;

  /// As TCP does it when an end is closed.
  void leave();
  /// Why neither reading nor writing is possible any more, if so.
  std::optional<NetError> broken(std::string_view operation) const;
  bool isBroken() const { return cancelled_ || severed_ || reset_here_ || incoming_.resetArrived(); }
  NetError error(std::string_view operation, NetErrc code, std::string_view reason) const;
  std::size_t portionOf(std::size_t size);
  void wakeEverybody();

  Scheduler& scheduler_;
  std::shared_ptr<LinkPair> links_;
  Link& outgoing_;
  Link& incoming_;
  const std::string local_name_;
  const std::string peer_name_;
  const std::string name_;
  WaitQueue readers_;
  WaitQueue writers_;
  ReadinessObserver* observer_ = nullptr;
  bool write_closed_ = false;
  bool reset_here_ = false;
  bool severed_ = false;  ///< its host crashed
  bool cancelled_ = false;
};

}  // namespace jitrig::simulation
