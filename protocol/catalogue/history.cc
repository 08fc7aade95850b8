#include "protocol/catalogue/history.h"

#include <algorithm>

namespace jitrig {

namespace {

bool sameOnTheWire(const MessageType& a, const MessageType& b) {
  return a.number == b.number && a.direction == b.direction && a.has_reply == b.has_reply &&
         a.request == b.request && a.reply == b.reply;
}

/// Adds one release; `what` is nullptr if it does not have the thing.
template <class T, class IsSame>
void extend(std::vector<ReleaseSpan<T>>& spans, bool& open, const std::string& release, const T* what,
            IsSame is_same) {
  if (what != nullptr && open && is_same(spans.back().what, *what)) {
    spans.back().last_release = release;
  } else if (what != nullptr) {
    spans.push_back({release, release, *what});
  }
  open = what != nullptr;
}

}  // namespace

std::expected<std::vector<ReleaseSpan<MessageType>>, std::string> messageHistory(const Catalogue& catalogue,
                                                                                 std::string_view type_name,
                                                                                 Build build) {
  std::vector<ReleaseSpan<MessageType>> spans;
  bool open = false;
  for (const std::string& release : catalogue.releases()) {
    const auto table = catalogue.table(release, build);
    if (!table) return std::unexpected(table.error());
    extend(spans, open, release, (*table)->find(type_name), sameOnTheWire);
  }
  return spans;
}

std::expected<std::vector<ReleaseSpan<StructLayout>>, std::string> structHistory(
    const Catalogue& catalogue, std::string_view struct_name) {
  std::vector<ReleaseSpan<StructLayout>> spans;
  bool open = false;
  for (const std::string& name : catalogue.releases()) {
    const auto release = catalogue.release(name);
    if (!release) return std::unexpected(release.error());
    extend(spans, open, name, (*release)->findStruct(struct_name), std::equal_to<StructLayout>());
  }
  return spans;
}

}  // namespace jitrig
