#pragma once

#include <cstddef>
#include <cstdint>

#include "scenarios/fault/fault_action.h"

namespace jitrig {

/// Longest time that an action can be told: a day.
inline constexpr std::int64_t kMaxFaultTimeMs = std::int64_t{24} * 3600 * 1000;

/// An action makes no more bytes than these at once, and one message.
inline constexpr std::size_t kMaxMadeBytes = std::size_t{16} << 20U;

// Each is defined in the file of its name.
extern const FaultAction kCloseAction;
extern const FaultAction kHalfCloseAction;
extern const FaultAction kResetAction;
extern const FaultAction kStallAction;
extern const FaultAction kBlackHoleAction;
extern const FaultAction kDelayAction;
extern const FaultAction kBandwidthAction;
extern const FaultAction kSliceAction;
extern const FaultAction kCoalesceAction;
extern const FaultAction kTruncateAction;
extern const FaultAction kCorruptAction;
extern const FaultAction kDuplicateAction;
extern const FaultAction kDropAction;
extern const FaultAction kReorderAction;
extern const FaultAction kInsertAction;
extern const FaultAction kRewriteAction;
extern const FaultAction kPauseAction;
extern const FaultAction kKillAction;
extern const FaultAction kRefuseConnectionsAction;
extern const FaultAction kCutOffAction;
extern const FaultAction kSignalStormAction;
extern const FaultAction kTlsStallAction;
extern const FaultAction kTlsAlertAction;
extern const FaultAction kTlsCloseAction;
extern const FaultAction kTlsWrongCertificateAction;
extern const FaultAction kTlsCorruptRecordAction;
extern const FaultAction kTlsDropRecordAction;
extern const FaultAction kTlsDuplicateRecordAction;
extern const FaultAction kTlsReorderRecordsAction;
extern const FaultAction kTlsGarbageAction;

}  // namespace jitrig
