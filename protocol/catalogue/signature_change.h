#pragma once

#include <string>
#include <vector>

#include "protocol/catalogue/message_type.h"

namespace jitrig {

/// One difference between the data points of a message type in two releases or builds.
struct SignatureChange {
  /// "request[3]", "reply[0][7]": nested data points have an index of their own; the element type of a vector
  /// is "reply[0][]". "direction" and "reply" for the whole.
  std::string place;
  std::string before;  ///< a wire type; empty: it was added
  std::string after;   ///< empty: it was removed

  bool operator==(const SignatureChange&) const = default;
};

/// "reply[0]: object(664) became object(688)", "request[2]: bool was added".
std::string toString(const SignatureChange& change);

/// What differs on the wire; empty if nothing does. Indices are those of `after`, for what was removed those
/// of `before`. What is not known on one of the sides is not compared.
std::vector<SignatureChange> compareSignatures(const MessageType& before, const MessageType& after);

}  // namespace jitrig
