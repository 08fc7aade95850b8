// Any text is refused with file and line, or is a release whose messages have numbers, names, and values of
// their types.

#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "protocol/catalogue/built_in_data.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/release_loader.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("release_text_is_read", [](InputBytes bytes) {
  const std::vector<NamedText> texts{{"9.9.9", textOf(bytes)},
                                     builtInData().front()};  // for sections that are alike
  const auto release = loadRelease(texts, "9.9.9");
  if (!release) return require(release.error().find(".txt") != std::string::npos, "an error names the file");
  for (const Build build : {Build::openjdk, Build::j9}) {
    const auto table = loadMessageTable(texts, "9.9.9", build);
    if (!table) continue;
    for (const MessageType& type : (*table)->types()) {
      require((*table)->find(type.number) == &type && (*table)->find(type.name) == &type, "a type is found");
      require(type.number < (*table)->maxtype(), "a number lies below the highest");
      for (const auto& signature : {type.request, type.reply}) {
        if (signature)
          require(!checkDataPoints(defaultValues(*signature), *signature),
                  "values of the types fit the types");
      }
    }
  }
});

}  // namespace
}  // namespace jitrig::fuzz
