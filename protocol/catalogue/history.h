#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/message_type.h"
#include "protocol/catalogue/release.h"

namespace jitrig {

/// Releases without another between them in which something was the same.
template <class T>
struct ReleaseSpan {
  std::string first_release;
  std::string last_release;
  T what;
};

/// A message type through all releases of a catalogue, oldest first: a new span begins where its number, its
/// direction or its wire types change, and where it comes back. Empty if no release has it in that build.
std::expected<std::vector<ReleaseSpan<MessageType>>, std::string> messageHistory(const Catalogue& catalogue,
                                                                                 std::string_view type_name,
                                                                                 Build build);

/// The same for the layout of a struct, of both builds.
std::expected<std::vector<ReleaseSpan<StructLayout>>, std::string> structHistory(
    const Catalogue& catalogue, std::string_view struct_name);

/// "0.20.0", or "0.20.0 to 0.29.1".
template <class T>
std::string toString(const ReleaseSpan<T>& span) {
  if (span.first_release == span.last_release) return span.first_release;
  return span.first_release + " to " + span.last_release;
}

}  // namespace jitrig
