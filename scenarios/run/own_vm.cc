#include "scenarios/run/own_vm.h"

#include <exception>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocol/stream/byte_stream_decorator.h"
#include "scenarios/run/run_backend.h"
#include "scenarios/run/run_tls.h"

namespace jitrig {
namespace {

/// Says whose stream it is that a task uses, for faults that befall the persona.
class SignedStream final : public ByteStreamDecorator {
 public:
  SignedStream(Runtime& runtime, VMProcess& vm, std::unique_ptr<ByteStream> inner)
      : ByteStreamDecorator(std::move(inner)), runtime_(runtime), vm_(vm) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    sign();
    return inner().readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    sign();
    return inner().writeSome(bytes, deadline);
  }

 private:
  /// Not owned.
  void sign() { runtime_.taskLocal(kVMProcessSlot) = std::shared_ptr<void>(std::shared_ptr<void>(), &vm_); }

  Runtime& runtime_;
  VMProcess& vm_;
};

}  // namespace

OwnVM::OwnVM(RunContext& context, const ScenarioVM& vm, VMPlace place, Frontend& frontend)
    : context_(context),
      vm_(vm),
      place_(std::move(place)),
      frontend_(frontend),
      progress_(context),
      gate_(context.runtime) {
  recorder_ = &context.recorder.addVM(place_.name, options(), &progress_);
  VMRecord& record = recorder_->record();
  record.fresh = place_.fresh_for.has_value();
  record.server = place_.fresh_for;
  record.server_port = place_.server_port;
  record.open_ended = record.open_ended || vm_.checkpoint.has_value();
  if (place_.image) record.restored_from = place_.restored_from;
  context.cast.vms.push_back(record.fresh ? "" : vm.name);
}

OwnVM::~OwnVM() {
  if (task_) stopRunning();
  gate_.open();
}

FakeVMOptions OwnVM::options() const {
  FakeVMOptions options;
  options.dialect = vm_.dialect;
  options.stream.timeout_ms = vm_.timeout_ms;
  const bool plain = place_.image && vm_.checkpoint->plain ? *vm_.checkpoint->plain : vm_.plain;
  if (!plain) options.tls = context_.tls.client;
  options.stream_per_compilation = context_.choice.backend != nullptr;
  options.compilations = vm_.compilations;
  options.until_compiled = vm_.until_compiled;
  options.compilation_threads = vm_.compilation_threads;
  options.client_uid = vm_.client_uid;
  options.interval_ms = vm_.interval_ms;
  options.goodbye_timeout_ms = vm_.goodbye_timeout_ms;
  options.life = vm_.life;
  options.image = place_.image;
  // What comes to a checkpoint must not have met a server, unless it may.
  if (vm_.checkpoint && !vm_.checkpoint->allows_remote && !place_.image) options.life.suppress_remote = true;
  options.class_events = vm_.class_events;
  options.aot = vm_.aot;
  options.misbehaviours = vm_.misbehaviours;
  return options;
}

void OwnVM::start() {
  Runtime& runtime = context_.onHost(place_.host);
  task_ = runtime.spawn(place_.name, [this, &runtime] {
    try {
      live(runtime);
    } catch (const std::exception& exception) {
      context_.find(fmt::format("{}: ended with an exception: {}", place_.name, exception.what()));
    }
    setEnded();
  });
}

/// Also when its host crashes or the world ends, which unwinds run(): nobody is to call a VM that is gone.
class OwnVM::NotRunning {
 public:
  explicit NotRunning(OwnVM& owner) : owner_(owner) {}
  NotRunning(const NotRunning&) = delete;
  NotRunning& operator=(const NotRunning&) = delete;
  ~NotRunning() {
    const Lock lock(*owner_.context_.mutex);
    owner_.running_ = nullptr;
  }

 private:
  OwnVM& owner_;
};

void OwnVM::live(Runtime& runtime) {
  FakeVMOptions with_taps = options();
  with_taps.server_at = [this] { return context_.serverAt(place_.server_port); };
  with_taps.decorate_transport = [this](std::unique_ptr<ByteStream> stream) {
    return context_.faults.decorateTransport(std::move(stream), Direction::client);
  };
  if (context_.choice.backend) with_taps.connect = [this] { return connectToBackend(); };
  with_taps.decorate = [this](std::unique_ptr<ByteStream> stream) { return decorate(std::move(stream)); };
  FakeVM vm(runtime, std::move(with_taps), frontend_, *recorder_);
  recorder_->setClientUid(vm.clientUid());
  recorder_->began();
  {
    const Lock lock(*context_.mutex);
    if (told_to_end_) return;
    running_ = &vm;
    if (told_to_checkpoint_) vm.checkpoint();
  }
  const NotRunning afterwards(*this);
  const FakeVMSummary summary = vm.run();
  const VMImage image = vm.image();
  const Lock lock(*context_.mutex);
  image_ = image;
  if (!told_to_end_) recorder_->ended(summary);
}

std::unique_ptr<ByteStream> OwnVM::connectToBackend() {
  std::optional<TlsClientOptions> tls;
  if (options().tls) tls.emplace().root_certificates = RunCertificates::ofThisProcess().roots;
  const std::string stream_name = fmt::format("stream {}", ++context_.backend_streams);
  return context_.choice.backend->connect(context_.runtime, context_.serverAt(place_.server_port),
                                          stream_name, tls, vm_.timeout_ms);
}

std::unique_ptr<ByteStream> OwnVM::decorate(std::unique_ptr<ByteStream> stream) {
  if (context_.recording) stream = context_.recording->record(std::move(stream), Peer::initiator);
  if (context_.faults.any()) {
    stream = context_.faults.decorate(std::move(stream), Direction::client);
    stream = std::make_unique<SignedStream>(context_.runtime, *this, std::move(stream));
  }
  if (!context_.simulated()) stream = gate_.guard(std::move(stream));
  return recorder_->tap(std::move(stream));
}

void OwnVM::stopRunning() {
  const Lock lock(*context_.mutex);
  told_to_end_ = true;
  if (running_ != nullptr) running_->stop();
}

void OwnVM::setEnded() {
  const Lock lock(*context_.mutex);
  running_ = nullptr;
  if (!std::exchange(ended_, true)) ++context_.ended_vms;
  context_.changed->notifyAll();
}

void OwnVM::kill() {
  if (hasEnded()) return;
  recorder_->killed();
  if (context_.simulated()) {
    context_.world->host(place_.host).crash(HostCrash::closes);
  } else {
    stopRunning();
  }
  paused_ = false;  // who comes next on this host is not to be woken in its place
  gate_.open();
}

void OwnVM::checkpoint() {
  const Lock lock(*context_.mutex);
  told_to_checkpoint_ = true;
  if (!ended_) recorder_->checkpointed();
  if (running_ != nullptr) running_->checkpoint();
}

std::optional<VMImage> OwnVM::image() const {
  const Lock lock(*context_.mutex);
  return told_to_end_ ? std::nullopt : image_;
}

void OwnVM::giveUp() {
  if (hasEnded()) return;
  recorder_->stopped();
  stopRunning();
  gate_.open();
}

void OwnVM::join() {
  if (task_) task_->join();
  task_.reset();
  setEnded();
}

void OwnVM::pause() {
  if (hasEnded() || std::exchange(paused_, true)) return;
  recorder_->paused();
  if (context_.simulated()) return context_.world->host(place_.host).pause();
  gate_.shut();
}

void OwnVM::resume() {
  if (!std::exchange(paused_, false)) return;
  if (!hasEnded()) recorder_->resumed();
  if (context_.simulated()) return context_.world->host(place_.host).resume();
  gate_.open();
}

bool OwnVM::hasEnded() const {
  const Lock lock(*context_.mutex);
  return ended_;
}

}  // namespace jitrig
