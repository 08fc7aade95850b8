#include "scenarios/run/persona_gate.h"

#include <utility>

#include "protocol/stream/byte_stream_decorator.h"

namespace jitrig {

class PersonaGate::GuardedStream final : public ByteStreamDecorator {
 public:
  GuardedStream(PersonaGate& gate, std::unique_ptr<ByteStream> inner)
      : ByteStreamDecorator(std::move(inner)), gate_(gate) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    pass();
    auto result = ByteStreamDecorator::readSome(buffer, deadline);
    pass();  // what came while it stood still, it takes when it goes on
    return result;
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    pass();
    return ByteStreamDecorator::writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override {
    pass();
    return ByteStreamDecorator::closeWrite();
  }
  void cancel() override {
    {
      const Lock lock(*gate_.mutex_);
      cancelled_ = true;
      gate_.opened_->notifyAll();
    }
    ByteStreamDecorator::cancel();
  }

 private:
  void pass() {
    Lock lock(*gate_.mutex_);
    gate_.opened_->wait(lock, kNever, [this] { return !gate_.shut_ || cancelled_; });
  }

  PersonaGate& gate_;
  bool cancelled_ = false;  ///< guarded by the gate's mutex
};

PersonaGate::PersonaGate(Runtime& runtime)
    : mutex_(runtime.makeMutex("gate of a persona")), opened_(runtime.makeCondition("gate of a persona")) {}

std::unique_ptr<ByteStream> PersonaGate::guard(std::unique_ptr<ByteStream> stream) {
  return std::make_unique<GuardedStream>(*this, std::move(stream));
}

void PersonaGate::shut() {
  const Lock lock(*mutex_);
  shut_ = true;
}

void PersonaGate::open() {
  const Lock lock(*mutex_);
  shut_ = false;
  opened_->notifyAll();
}

}  // namespace jitrig
