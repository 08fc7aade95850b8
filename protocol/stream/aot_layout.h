#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/stream/dialect.h"

namespace jitrig {

/// Where the AOT cache's part of the messages stands, in releases whose clients can have methods stored and
/// loaded (from 0.44.0 on). Indices are of data points in the compilationRequest, offsets of bytes in the
/// first data point of the reply to VM_getVMInfo, whose third one is the name of the cache.
struct AOTLayout {
  std::size_t is_aot = 0;        ///< bool
  std::size_t store = 0;         ///< bool: the method shall be stored
  std::size_t load = 0;          ///< bool: it may come from the cache
  std::size_t method_index = 0;  ///< uint32: in its class
  std::size_t class_chain = 0;   ///< vector of addresses: its class, and what that extends
  std::size_t new_known = 0;     ///< vector of uint64: records that the client has got since its last request

  std::size_t uses_cache = 0;     ///< bool
  std::size_t ignores_local = 0;  ///< bool: the client does not look into a cache of its own
  std::size_t header = 0;         ///< of the VM: what AOT code relies on
  std::size_t header_size_bytes = 0;

  std::uint16_t vm_info = 0;            ///< VM_getVMInfo
  std::uint16_t rom_class_batch = 0;    ///< AOTCache_getROMClassBatch
  std::uint16_t ram_class_batch = 0;    ///< AOTCache_getRAMClassFromClassRecordBatch; 0: there is none
  std::uint16_t method_names = 0;       ///< get_params_to_construct_TR_j9method
  std::uint16_t stored_method = 0;      ///< AOTCache_storedAOTMethod
  std::uint16_t serialized_method = 0;  ///< AOTCache_serializedAOTMethod
  std::uint16_t failure = 0;            ///< AOTCache_failure

  /// nullopt: the release has no AOT cache of this kind.
  static std::optional<AOTLayout> of(const Dialect& dialect);
};

}  // namespace jitrig
