#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fakevm/aot_deserializer.h"
#include "fakevm/aot_use.h"
#include "fakevm/frontend.h"
#include "fakevm/remote_compilation.h"
#include "fakevm/world.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/aot_layout.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// What an attempt may ask of the AOT cache.
struct AOTWish {
  bool load = true;
  bool store = true;
};

/// What the next attempt of a method may ask for, behind one that ended so: what did not work is not asked
/// for again.
AOTWish aotWishAfter(const CompilationReport& report, AOTWish wish);

/// A VM's use of its server's AOT cache: what it has got, and what this server is not to be asked for any
/// more. Thread-safe.
class AOTClient {
 public:
  /// A release without such a cache is asked for nothing.
  AOTClient(Runtime& runtime, const AOTUse& use, const Dialect& dialect);

  const Dialect& dialect() const { return dialect_; }
  const AOTLayout* layout() const { return layout_.get(); }
  const AOTUse& use() const { return use_; }
  AOTDeserializer& deserializer() { return deserializer_; }  ///< shared by the VM's threads
  /// What the VM says that AOT code relies on.
  const std::string& header() const { return header_; }

  /// What this server may be asked for.
  AOTWish wish() const;
  /// A server told its UID: another one may be asked for everything.
  AOTDeserializer::Server met(std::uint64_t server_uid);
  /// The server has no cache, or takes nothing more.
  void refused(bool cache_unavailable, bool store_unavailable);

 private:
  const AOTUse use_;
  const Dialect& dialect_;
  const std::shared_ptr<const AOTLayout> layout_;
  const std::string header_;
  AOTDeserializer deserializer_;
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::uint64_t server_uid_ = 0;
  AOTWish may_;
};

/// One attempt of a VM that uses an AOT cache, between the compilation and its front end: asks for the
/// method, tells the server of the VM's classes, loads what comes.
class AOTAttempt final : public CompilationFrontend {
 public:
  /// `may`: what was not found out to be useless for this method.
  AOTAttempt(AOTClient& client, CompilationFrontend& inner, WorldMethod method, const AOTWish& may,
             std::shared_ptr<const AOTMethodUse>& report);

  std::string methodName() const override { return inner_.methodName(); }
  std::vector<Value> compilationRequest(const RequestIdentity& identity) override;
  Answer answer(const Message& query) override;
  std::span<const std::byte> encodedReply(const Message& query) override;
  std::string accept(const Message& final_message) override;
  bool asksForJitDumps() const override { return inner_.asksForJitDumps(); }

 private:
  bool answersItself(std::uint16_t type) const;
  std::vector<Value> vmInfo() const;
  std::vector<Value> romClasses(const Message& query) const;
  std::vector<Value> ramClasses(const Message& query) const;
  void describe(Value& class_info, const WorldClass& described) const;
  void tell(AOTResult result);

  AOTClient& client_;
  CompilationFrontend& inner_;
  const WorldMethod method_;
  const World world_ = {};
  AOTDeserializer::Server server_;
  AOTMethodUse use_;
  std::shared_ptr<const AOTMethodUse>& report_;
};

}  // namespace jitrig
