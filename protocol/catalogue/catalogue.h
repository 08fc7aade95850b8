#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/release.h"
#include "protocol/catalogue/release_text.h"

namespace jitrig {

/// The message types of every known release. A text is read at the first call of release() or table() that
/// needs it (about a millisecond) and kept; later calls give the same object. What is given is immutable and
/// may be kept beyond the catalogue. Thread-safe without locks: any task may call.
class Catalogue {
 public:
  static constexpr std::string_view kDefaultRelease = "head";

  /// Oldest release first. The texts must outlive the catalogue.
  explicit Catalogue(std::vector<NamedText> texts) : texts_(std::move(texts)), kept_(texts_.size()) {}

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  /// The releases that the program was built with.
  static const Catalogue& builtIn();

  /// "0.20.0", …, "0.60.0", "head": oldest first.
  std::vector<std::string> releases() const;

  /// The error for a name that is not known lists the known ones and the nearest.
  std::expected<std::shared_ptr<const Release>, std::string> release(std::string_view name) const;
  std::expected<std::shared_ptr<const MessageTable>, std::string> table(std::string_view release_name,
                                                                        Build build = Build::openjdk) const;

  /// head, JDK 17+ build. Throws std::logic_error if this catalogue has no readable head (the built-in one
  /// has).
  std::shared_ptr<const MessageTable> defaultTable() const;

 private:
  /// What has been read of one text; nullptr: not yet.
  struct Kept {
    Kept() = default;
    ~Kept();
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    std::atomic<const std::shared_ptr<const Release>*> release = nullptr;
    std::array<std::atomic<const std::shared_ptr<const MessageTable>*>, 2> tables{};  ///< by Build
  };

  std::expected<std::size_t, std::string> indexOf(std::string_view name) const;

  std::vector<NamedText> texts_;
  mutable std::vector<Kept> kept_;  ///< one per text
};

}  // namespace jitrig
