#include "scenarios/record/frame_counter.h"

#include <algorithm>
#include <cstring>

namespace jitrig {
namespace {

/// Room for what a few compilations need, at once instead of doubling up to it.
constexpr std::size_t kUsualFrames = 64;
constexpr std::size_t kUsualKeptBytes = 4096;

}  // namespace

bool FrameCounter::isWholeFrame(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderSize) return false;
  std::uint32_t size_bytes = 0;
  std::memcpy(&size_bytes, bytes.data(), sizeof size_bytes);
  return size_bytes == bytes.size();
}

bool FrameCounter::takeFormatted() {
  MessageBuffer bytes;
  const auto whole = framer_.next(bytes);
  if (whole && !*whole) return false;
  if (!whole || !format_->decode(bytes.bytes(), sender_, {}, decoded_)) {
    lane_.lost = true;
    return false;
  }
  frame_size_ = bytes.size();
  return true;
}

void FrameCounter::addWhole(std::span<const std::byte> frame) {
  if (limits_.form) lookAtForm(frame);
  frame_.size_bytes = static_cast<std::uint32_t>(frame.size());
  readHeader(frame.data());
  if (limits_.hash) hash_.add(frame);
  keep(frame);
  finishFrame();
}

/// As many of the bytes as belong to the message in progress; all of them if its size field is none.
std::size_t FrameCounter::take(std::span<const std::byte> bytes) {
  std::size_t taken = 0;
  if (seen_ < kHeaderSize) {
    taken = std::min(kHeaderSize - seen_, bytes.size());
    std::memcpy(header_.data() + seen_, bytes.data(), taken);
    if (seen_ + taken < sizeof frame_.size_bytes) {
      seen_ += taken;
      return taken;
    }
    std::memcpy(&frame_.size_bytes, header_.data(), sizeof frame_.size_bytes);
    if (frame_.size_bytes < kHeaderSize) {
      lane_.lost = true;
      return bytes.size();
    }
    seen_ += taken;
    if (seen_ < kHeaderSize) return taken;
    readHeader(header_.data());
    if (limits_.hash) hash_.add(header_);
    keep(header_);
  }
  const std::size_t body = std::min<std::size_t>(frame_.size_bytes - seen_, bytes.size() - taken);
  const auto piece = bytes.subspan(taken, body);
  if (limits_.hash) hash_.add(piece);
  keep(piece);
  seen_ += body;
  return taken + body;
}

void FrameCounter::readHeader(const std::byte* header) {
  std::memcpy(&frame_.version, header + 4, sizeof frame_.version);
  std::memcpy(&frame_.config, header + 8, sizeof frame_.config);
  std::memcpy(&frame_.type, header + 12, sizeof frame_.type);
  std::memcpy(&frame_.data_points, header + 14, sizeof frame_.data_points);
  frame_.kept_offset = static_cast<std::uint32_t>(lane_.kept.size());
}

void FrameCounter::keep(std::span<const std::byte> bytes) {
  const std::size_t more_of_message = limits_.kept_bytes_per_message - frame_.kept_bytes;
  const std::size_t more_of_lane = limits_.kept_bytes_per_lane - lane_.kept.size();
  const std::size_t kept = std::min({bytes.size(), more_of_message, more_of_lane});
  if (kept == 0) return;
  lane_.kept.insert(lane_.kept.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  frame_.kept_bytes += static_cast<std::uint32_t>(kept);
}

/// Of the message that begins here, if it is whole: putting it together is not worth it, as most are.
void FrameCounter::lookAtForm(std::span<const std::byte> bytes) {
  std::uint32_t size_bytes = 0;
  if (lane_.misform || bytes.size() < sizeof size_bytes) return;
  std::memcpy(&size_bytes, bytes.data(), sizeof size_bytes);
  if (size_bytes < kHeaderSize || size_bytes > bytes.size()) return;
  if (const auto problem = findFormProblem(bytes.first(size_bytes))) {
    lane_.misform = RecordedMisform{.frame = lane_.frames.size(), .problem = *problem};
  }
}

void FrameCounter::finishFrame() {
  if (limits_.hash) frame_.hash = hash_.value();
  lane_.framed_bytes += format_ == nullptr ? frame_.size_bytes : frame_size_;
  if (lane_.frames.capacity() == 0) {
    lane_.frames.reserve(kUsualFrames);
    lane_.kept.reserve(kUsualKeptBytes);
  }
  lane_.frames.push_back(frame_);
  frame_ = {};
  if (limits_.hash) hash_ = {};
  seen_ = 0;
}

}  // namespace jitrig
