#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fakecompiler/aot_cache.h"
#include "protocol/stream/aot_layout.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// What a server knows of one client for its AOT cache. Guarded by the session's mutex.
class AOTSession {
 public:
  /// A client may tell of as many as it likes: beyond, they are not remembered.
  static constexpr std::size_t kMaxClasses = 100'000;
  static constexpr std::size_t kMaxKnownRecords = 1'000'000;
  /// Longer names of caches and loaders are not remembered.
  static constexpr std::size_t kMaxNameBytes = 4096;

  /// What its VM told (VM_getVMInfo).
  struct VM {
    bool uses_cache = false;
    bool ignores_local = false;  ///< what is stored it wants back in the form that is stored
    std::string cache;           ///< the name
    std::string header;
  };

  static VM readVM(MessageView vm_info, const AOTLayout& layout);  ///< of a reply to VM_getVMInfo
  void learnVM(VM vm) { vm_ = std::move(vm); }                     ///< once
  /// nullopt: it was not asked yet.
  const std::optional<VM>& vm() const { return vm_; }

  /// It has got these since its last request.
  void learnKnown(std::span<const std::uint64_t> records);
  const std::set<std::uint64_t>& known() const { return known_; }

  /// A class as the client describes it: the tuple that requests and batches have. One without a ROM class
  /// is known from before.
  void learnClass(std::uint64_t class_address, const DataPoint& class_info);
  bool knowsClass(std::uint64_t class_address) const { return classes_.contains(class_address); }
  /// nullopt: one of them is not known.
  std::optional<std::vector<AOTClass>> classes(std::span<const std::uint64_t> addresses) const;
  void unload(std::span<const std::uint64_t> class_addresses);
  void clearClasses() { classes_.clear(); }

 private:
  std::optional<VM> vm_;
  std::set<std::uint64_t> known_;
  std::map<std::uint64_t, AOTClass> classes_;  ///< by address
};

}  // namespace jitrig
