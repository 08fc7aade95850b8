#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/release.h"
#include "protocol/catalogue/release_text.h"

namespace jitrig {

/// The message types of every known release. Holds texts only; each call of release() or table() reads one
/// (about a millisecond) and gives it away, so there is no shared state: any task may call, keep what it got.
class Catalogue {
 public:
  static constexpr std::string_view kDefaultRelease = "head";

  /// Oldest release first. The texts must outlive the catalogue.
  explicit Catalogue(std::vector<NamedText> texts) : texts_(std::move(texts)) {}

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
  std::expected<void, std::string> requireKnown(std::string_view name) const;

  std::vector<NamedText> texts_;
};

}  // namespace jitrig
