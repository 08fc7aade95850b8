// Any text is refused with file and line, or is a script of the fake compiler that is read back as what was
// written.

#include <memory>

#include "fakecompiler/script_yaml.h"
#include "fakecompiler/write_script.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("script_is_written_back", [](InputBytes bytes) {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  const auto script = parseScript(textOf(bytes), "fuzz.yaml", *kDialect);
  if (!script) return require(script.error().starts_with("fuzz.yaml:"), "an error begins with file and line");
  YamlWriter yaml;
  writeScript(yaml, *script, *kDialect);
  const auto again = parseScript(yaml.text(), "fuzz.yaml", *kDialect);
  if (!again) failed("what was written is a script: " + again.error() + "\n" + yaml.text());
  YamlWriter yaml_again;
  writeScript(yaml_again, *again, *kDialect);
  requireSameText(yaml_again.text(), yaml.text());
});

}  // namespace
}  // namespace jitrig::fuzz
