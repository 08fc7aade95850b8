#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fakevm/frontend.h"
#include "fakevm/world.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Answers every query with a type-correct default (zero, false, empty), and requests the methods of a World.
/// Thread-safe.
class DefaultFrontend : public Frontend {
 public:
  explicit DefaultFrontend(std::shared_ptr<const Dialect> dialect) : dialect_(std::move(dialect)) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override;

 private:
  std::shared_ptr<const Dialect> dialect_;
  World world_;
};

/// Type-correct data points for the reply to a query; a single Void where the release does not say.
std::vector<Value> defaultReply(const Dialect& dialect, std::uint16_t type);

/// Puts the client's own identity into a request made from other parts.
void setIdentity(std::span<Value> request, const RequestIdentity& identity);

}  // namespace jitrig
