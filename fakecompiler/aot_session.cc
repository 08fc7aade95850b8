#include "fakecompiler/aot_session.h"

#include "fakecompiler/data_point_values.h"

namespace jitrig {
namespace {

bool flagAt(std::span<const std::byte> bytes, std::size_t offset) {
  return offset < bytes.size() && bytes[offset] != std::byte{0};
}

}  // namespace

/// The struct first, the name of the cache third.
AOTSession::VM AOTSession::readVM(MessageView vm_info, const AOTLayout& layout) {
  VM vm;
  std::size_t index = 0;
  for (const DataPoint point : vm_info.dataPoints()) {
    if (index == 0) {
      const std::span<const std::byte> bytes = point.payload();
      vm.uses_cache = flagAt(bytes, layout.uses_cache);
      vm.ignores_local = flagAt(bytes, layout.ignores_local);
      if (layout.header + layout.header_size_bytes <= bytes.size()) {
        const auto header = bytes.subspan(layout.header, layout.header_size_bytes);
        vm.header.assign(reinterpret_cast<const char*>(header.data()), header.size());
      }
    }
    if (index == 2) vm.cache = bytesIn(point);
    ++index;
  }
  if (vm.cache.size() > kMaxNameBytes) {
    vm.uses_cache = false;
    vm.cache = {};
  }
  return vm;
}

void AOTSession::learnKnown(std::span<const std::uint64_t> records) {
  for (const std::uint64_t each : records) {
    if (known_.size() >= kMaxKnownRecords) return;
    known_.insert(each);
  }
}

/// The ROM class stands first; the next string is the name that tells its loader.
void AOTSession::learnClass(std::uint64_t class_address, const DataPoint& class_info) {
  if (class_info.type() != DataType::TUPLE || classes_.size() >= kMaxClasses) return;
  AOTClass found;
  std::size_t strings = 0;
  for (const DataPoint element : class_info.elements()) {
    if (element.type() != DataType::STRING) continue;
    if (strings == 0 && element.payload().empty()) return;
    if (strings == 0) found.rom_class = aotClassContent(bytesIn(element));
    if (strings == 1) found.loader = bytesIn(element);
    ++strings;
  }
  if (strings == 0 || found.loader.size() > kMaxNameBytes) return;
  classes_[class_address] = std::move(found);
}

std::optional<std::vector<AOTClass>> AOTSession::classes(std::span<const std::uint64_t> addresses) const {
  std::vector<AOTClass> found;
  for (const std::uint64_t each : addresses) {
    const auto known = classes_.find(each);
    if (known == classes_.end()) return std::nullopt;
    found.push_back(known->second);
  }
  return found;
}

void AOTSession::unload(std::span<const std::uint64_t> class_addresses) {
  for (const std::uint64_t each : class_addresses) classes_.erase(each);
}

}  // namespace jitrig
