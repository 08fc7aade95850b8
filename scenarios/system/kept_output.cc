#include "scenarios/system/kept_output.h"

#include <fmt/format.h>

namespace jitrig {
namespace {

constexpr std::size_t kMaxFirstLineBytes = 4'096;

}  // namespace

void KeptOutput::addOutput(std::string_view bytes) {
  keep(bytes);
  if (first_line_ || beginning_.size() > kMaxFirstLineBytes) return;
  beginning_ += bytes;
  const std::size_t end = beginning_.find('\n');
  if (end == std::string::npos || end > kMaxFirstLineBytes) return;
  first_line_ = beginning_.substr(0, end);
  if (first_line_->ends_with('\r')) first_line_->pop_back();
  beginning_.clear();
}

void KeptOutput::keep(std::string_view bytes) {
  kept_ += bytes;
  if (kept_.size() <= max_bytes_) return;
  const std::size_t too_many = kept_.size() - max_bytes_;
  left_out_ += too_many;
  kept_.erase(0, too_many);
}

std::string KeptOutput::text() const {
  if (left_out_ == 0) return kept_;
  return fmt::format("… {} bytes left out\n{}", left_out_, kept_);
}

}  // namespace jitrig
