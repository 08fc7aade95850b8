#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/record/run_record.h"

namespace jitrig {

/// Somebody or something that a finding is about: where in the record to look.
struct Concerned {
  std::optional<EndReference> end{};
  std::optional<std::size_t> vm{};      ///< index in RunRecord::vms
  std::optional<std::size_t> server{};  ///< index in RunRecord::servers
  std::uint64_t order = 0;              ///< around when; 0: the end
};

/// Something that must not happen, and nothing in the record explains.
struct Finding {
  std::string checker;  ///< its name in checkers(), or who else found it
  /// What, where (connection, compilation, message), and what was expected instead. One line.
  std::string text;
  std::vector<Concerned> concerned{};
};

class Judgement;

/// One thing that must hold in every run.
struct Checker {
  std::string_view name;      ///< "alternation"
  std::string_view sentence;  ///< what must hold
  void (*check)(Judgement&);
  /// It can only be judged in a run that came to its end.
  bool needs_the_end = true;
};

/// All of them, by name.
std::span<const Checker> checkers();

/// nullptr if there is none of that name.
const Checker* findChecker(std::string_view name);

/// Judges a run by all checkers. What an injected fault or a misbehaviour explains is not found: README.md
/// has the rule. A run that did not finish is judged by what does not need an end.
std::vector<Finding> judge(const RunRecord& record);

/// "alternation: connection 3 (127.0.0.1:40000 -> 127.0.0.1:38400), server: …", then what those concerned did
/// last, as text (record_text.h).
std::string toText(const Finding& finding, const RunRecord& record);

}  // namespace jitrig
