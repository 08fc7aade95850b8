#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakecompiler/fake_compiler.h"
#include "fakevm/fake_vm.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "scenarios/record/ledger.h"
#include "scenarios/record/run_record.h"
#include "scenarios/record/spin_lock.h"

namespace jitrig {

class RunRecorder;

/// What is kept beyond counts, times and hashes.
struct RecordingOptions {
  /// Of the beginning of each message. 64 hold the identity in a request and the status in a failure.
  std::size_t kept_bytes_per_message = 64;
  /// Of all messages of one direction at one end together; later ones are kept without bytes.
  std::size_t kept_bytes_per_lane = std::size_t{1} << 20U;
  /// Bytes of one direction that one end has seen and the other not yet: beyond, they are not compared.
  std::size_t compared_bytes_on_their_way = std::size_t{16} << 20U;
};

/// What both kinds of personas have in their recorders: taps, and when they began and ended.
class PersonaRecorder {
 public:
  PersonaRecorder(RunRecorder& recorder, PersonaRecord& record, Direction side, std::size_t index)
      : recorder_(recorder), base_(record), side_(side), index_(index) {}
  PersonaRecorder(const PersonaRecorder&) = delete;
  PersonaRecorder& operator=(const PersonaRecorder&) = delete;
  virtual ~PersonaRecorder() = default;

  /// Around one end of a connection, outermost: what the persona itself writes and reads is seen, so what
  /// faults do to it shows at the other end. The recorder must outlive the stream.
  std::unique_ptr<ByteStream> tap(std::unique_ptr<ByteStream> stream);

  void began();    ///< it exists from now on
  void ended();    ///< by itself
  void stopped();  ///< was told to
  void killed();   ///< as a process that dies
  void paused();   ///< until resumed()
  void resumed();  ///< after paused()

  std::size_t index() const { return index_; }  ///< in the vms or the servers of the RunRecord

 protected:
  RunRecorder& recorder_;
  PersonaRecord& base_;
  const Direction side_;
  const std::size_t index_;
};

/// Observes one FakeVM, and passes on what it is told.
class VMRecorder final : public PersonaRecorder, public FakeVMObserver {
 public:
  VMRecorder(RunRecorder& recorder, VMRecord& record, std::size_t index, FakeVMObserver* next)
      : PersonaRecorder(recorder, record, Direction::client, index), record_(record), next_(next) {}

  void onCompilation(const CompilationReport& report) override;
  void onJitDump(const CompilationReport& report) override;
  void onAOTMap(const AOTMapReport& report) override;
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override;
  void onOutOfTurn(const std::string& stream) override;
  void onServer(const ServerEvent& event) override;
  void onActivation(const ActivationEvent& event) override;

  /// FakeVM::clientUid(), which may have been drawn.
  void setClientUid(std::uint64_t client_uid);
  void checkpointed();  ///< FakeVM::checkpoint() is called
  /// What run() returned: the VM has ended by itself.
  void ended(const FakeVMSummary& summary);
  using PersonaRecorder::ended;

  /// What the recorder does not see itself is written right here, before the persona begins: misbehaviours,
  /// which server it goes to, whether it is fresh.
  VMRecord& record() { return record_; }

 private:
  VMRecord& record_;
  FakeVMObserver* next_;
};

/// Observes one FakeCompiler, and passes on what it is told.
class ServerRecorder final : public PersonaRecorder, public FakeCompilerObserver {
 public:
  ServerRecorder(RunRecorder& recorder, ServerRecord& record, std::size_t index, FakeCompilerObserver* next)
      : PersonaRecorder(recorder, record, Direction::server, index), record_(record), next_(next) {}

  void onCompilation(const ServerCompilationReport& report) override;
  void onJitDump(const ServerCompilationReport& report) override;
  void onStreamEnd(const StreamEndReport& report) override;
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override;
  void onRequestOrder(const RequestOrderEvent& event) override;

  /// What it holds before it is stopped: when all clients have gone, and it had the time to notice
  /// (FakeCompiler::waitForGoodbyes). Without this call nothing is said about leaks and sessions.
  void atRest(const FakeCompiler& compiler);
  /// Its counts, after stop().
  void summary(const FakeCompiler& compiler);

  /// As VMRecorder::record().
  ServerRecord& record() { return record_; }

 private:
  ServerRecord& record_;
  FakeCompilerObserver* next_;
};

/// Collects a RunRecord. Thread-safe within its Runtime; it never waits and, but for asking what time it is,
/// never calls the Runtime, so a recorded run goes as it goes without.
///
///   RunRecorder recorder(runtime);
///   VMRecorder& seen = recorder.addVM("vm 1", options);
///   options.decorate = [&](auto stream) { return seen.tap(faults.decorate(std::move(stream), …)); };
///   FakeVM vm(runtime, options, frontend, seen);
///   seen.setClientUid(vm.clientUid());
///   seen.began();
///   seen.ended(vm.run());
///   … when everything has ended, and all streams are destroyed:
///   for (const Finding& finding : judge(recorder.finish())) …
class RunRecorder {
 public:
  explicit RunRecorder(Runtime& runtime, const RecordingOptions& options = {});
  RunRecorder(const RunRecorder&) = delete;
  RunRecorder& operator=(const RunRecorder&) = delete;
  ~RunRecorder();

  /// Before the persona begins. `next` is told what the recorder is told; may be null. The reference lives as
  /// long as the recorder.
  VMRecorder& addVM(const std::string& name, const FakeVMOptions& options, FakeVMObserver* next = nullptr);
  ServerRecorder& addServer(const std::string& name, const FakeCompilerOptions& options,
                            FakeCompilerObserver* next = nullptr);

  /// What nobody sees from inside is written right here, when the world has ended: outcome and resource
  /// counts; before it begins: the network.
  RunRecord& record() { return record_; }

  /// From now on all faults are off.
  void healed();

  /// What a FaultSet's firings() are, at the end. finish() finds whom they befell.
  void setFaults(const std::vector<FaultFiring>& firings);

  /// The next place in the run's order, and the time.
  Moment now();

  /// Once, when all streams are destroyed: a tap that still lived would write into what was given away.
  RunRecord finish();

 private:
  friend class PersonaRecorder;
  friend class VMRecorder;
  friend class ServerRecorder;
  class Tap;
  struct Pairing;

  std::uint64_t nextOrder() { return order_.fetch_add(1, std::memory_order_relaxed) + 1; }
  std::int64_t readClock();
  std::unique_ptr<ByteStream> tap(std::unique_ptr<ByteStream> stream, Direction local, std::size_t persona);
  std::size_t pair(const std::string& name, Direction local);
  const MessageFormat* formatOf(Direction side, std::size_t persona) const;
  std::optional<EndReference> latestEnd(const std::string& name);
  std::optional<EndReference> endOf(const FaultFiring& firing) const;
  template <class Report>
  Told<Report> tell(const Report& report, std::optional<EndReference> end);

  Runtime& runtime_;
  const RecordingOptions options_;
  std::atomic<std::uint64_t> order_{0};
  std::atomic<std::int64_t> latest_ns_{0};
  RunRecord record_;
  std::deque<VMRecorder> vm_recorders_;
  std::deque<ServerRecorder> server_recorders_;
  SpinLock lock_;               ///< guards the list of connections and everything below
  std::deque<Ledger> ledgers_;  ///< two per connection, by Direction of the sender
  std::unique_ptr<Pairing> pairing_;
};

}  // namespace jitrig
