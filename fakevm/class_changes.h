#pragma once

#include <span>

#include "protocol/stream/class_changes.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// Puts what happened to its classes into the data points of a compilationRequest. A release that has no
/// place for one of the lists is not told.
void setClassChanges(const Dialect& dialect, std::span<Value> request, const ClassChanges& changes);

/// Whether a recorded request tells of changes, so that it is critical.
bool tellsOfClassChanges(const Dialect& dialect, std::span<const Value> request);

}  // namespace jitrig
