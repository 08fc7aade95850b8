#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "capture/recorded_compilation.h"
#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// The conversation that a sweep is made with, prepared once for all its runs: one client's compilations in
/// their order on one connection, of which one is swept.
struct SweptConversation {
  std::shared_ptr<const Dialect> dialect;
  std::vector<RecordedCompilation> compilations;
  std::size_t compilation{};  ///< the swept one's index in `compilations`
  /// Of two more clients: one that compiles at the same time, and one that comes at the end.
  std::vector<RecordedCompilation> bystanders;
  std::vector<RecordedCompilation> freshs;
  Script script;  ///< the server's side of them all

  const RecordedCompilation& swept() const { return compilations[compilation]; }

  /// Of the swept compilation: request, queries and replies, final message.
  std::uint64_t messages() const { return 2 + 2 * swept().queries.size(); }

  /// The compilations of a capture that ended with code, as those of one client. `compilation` counts them
  /// from 1, and must not be the last. The error names the file.
  static std::expected<SweptConversation, std::string> read(const std::string& path,
                                                            std::shared_ptr<const Dialect> dialect,
                                                            std::size_t compilation);

  /// Made instead of recorded: three compilations, the second of so many messages (even, at least 2). Its
  /// queries are those of the release, in turn, with default data points.
  static SweptConversation make(std::shared_ptr<const Dialect> dialect, std::uint64_t messages);

 private:
  void add(std::vector<RecordedCompilation>& to, std::uint64_t method, std::uint64_t queries);
  void addOthers();
};

}  // namespace jitrig
