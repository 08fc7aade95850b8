#include "protocol/stream/aot_layout.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {
namespace {

using Kind = WireType::Kind;

bool findRequest(const Dialect& dialect, AOTLayout& layout) {
  const MessageType* type = dialect.table->find(dialect.compilation_request);
  if (type == nullptr || !type->request) return false;
  // Four flags, then the method's index, the offset of its class chain, the chain, the classes that the
  // server may not know with what they are, and the records.
  constexpr std::array kKinds{Kind::boolean, Kind::boolean, Kind::boolean, Kind::boolean, Kind::uint32,
                              Kind::uint64,  Kind::vector,  Kind::vector,  Kind::vector,  Kind::vector};
  const auto found = std::ranges::search(*type->request, kKinds, {}, &WireType::kind);
  if (found.empty() || found.back().elements[0].kind != Kind::uint64) return false;
  layout.is_aot = static_cast<std::size_t>(found.begin() - type->request->begin());
  layout.store = layout.is_aot + 2;
  layout.load = layout.is_aot + 3;
  layout.method_index = layout.is_aot + 4;
  layout.class_chain = layout.is_aot + 6;
  layout.new_known = layout.is_aot + 9;
  return true;
}

bool findVMInfo(const Dialect& dialect, AOTLayout& layout) {
  const StructLayout* info = dialect.table->release().findStruct("VMInfo");
  if (info == nullptr) return false;
  const auto offsetOf = [&](std::string_view name, std::size_t& offset) {
    const auto field = std::ranges::find(info->fields, name, &StructField::name);
    if (field == info->fields.end()) return false;
    offset = field->offset;
    layout.header_size_bytes = field->size;
    return true;
  };
  return offsetOf("_useAOTCache", layout.uses_cache) && offsetOf("_useServerOffsets", layout.ignores_local) &&
         offsetOf("_aotHeader", layout.header);
}

bool findTypes(const Dialect& dialect, AOTLayout& layout) {
  const std::pair<std::string_view, std::uint16_t*> types[] = {
      {"VM_getVMInfo", &layout.vm_info},
      {"AOTCache_getROMClassBatch", &layout.rom_class_batch},
      {"get_params_to_construct_TR_j9method", &layout.method_names},
      {"AOTCache_storedAOTMethod", &layout.stored_method},
      {"AOTCache_serializedAOTMethod", &layout.serialized_method},
      {"AOTCache_failure", &layout.failure}};
  for (const auto& [name, number] : types) {
    const auto found = dialect.table->numberOf(name);
    if (!found) return false;
    *number = *found;
  }
  layout.ram_class_batch = dialect.table->numberOf("AOTCache_getRAMClassFromClassRecordBatch").value_or(0);
  return true;
}

}  // namespace

std::optional<AOTLayout> AOTLayout::of(const Dialect& dialect) {
  AOTLayout layout;
  if (!findRequest(dialect, layout) || !findVMInfo(dialect, layout) || !findTypes(dialect, layout))
    return std::nullopt;
  return layout;
}

}  // namespace jitrig
