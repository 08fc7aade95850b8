#include "scenarios/file/scenario_dialect.h"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "protocol/catalogue/catalogue.h"
#include "scenarios/file/older_generation.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::array<std::pair<std::string_view, Architecture>, 7> kArchitectures{{
    {"x86", Architecture::x86},
    {"ppcle", Architecture::powerLE},
    {"ppcbe", Architecture::powerBE},
    {"z", Architecture::z},
    {"arm", Architecture::arm},
    {"arm64", Architecture::arm64},
    {"none", Architecture::none},
}};

constexpr unsigned kJdkOfOpenjdk = 17;
constexpr unsigned kJdkOfJ9 = 11;

class DialectReader {
 public:
  DialectReader(const YamlReader& yaml, const YamlNode& persona) : yaml_(yaml), persona_(persona) {}

  std::shared_ptr<const Dialect> read(const std::shared_ptr<const Dialect>& usual) const {
    const bool says_anything = has("protocol") || has("ignore_tags") || has("release") || has("build") ||
                               has("jdk") || has("compressed_refs") || has("arch") || has("version") ||
                               has("config");
    if (!says_anything) return usual;
    if (isOlderGeneration(*usual)) return readOlderGeneration(*usual);
    auto table = readTable(usual->format == nullptr ? *usual->table : *defaultDialect()->table);
    // Who names its release announces what is usual for that, whatever its server announces.
    const bool same_table = !has("release") && !has("build") && usual->format == nullptr;
    const FullVersion announced = readVersion(
        same_table ? usual->announced : usualVersion(table->release(), table->build()), table->release());
    auto dialect = Dialect::make(std::move(table), announced);
    if (!dialect) yaml_.fail(persona_, dialect.error());
    return std::move(*dialect);
  }

 private:
  bool has(std::string_view key) const { return persona_.find(key) != nullptr; }

  bool isOlderGeneration(const Dialect& usual) const {
    const YamlNode* node = persona_.find("protocol");
    const bool is_older =
        node == nullptr ? usual.format != nullptr : yaml_.text(*node, "protocol") == "jitaas";
    if (node != nullptr && !is_older && yaml_.text(*node, "protocol") != "jitserver") {
      yaml_.fail(*node, fmt::format("unknown protocol '{}'; expected jitserver or jitaas",
                                    yaml_.text(*node, "protocol")));
    }
    if (const YamlNode* ignore = persona_.find("ignore_tags"); ignore != nullptr && !is_older)
      yaml_.fail(*ignore, "ignore_tags: only with protocol: jitaas");
    return is_older;
  }

  std::shared_ptr<const Dialect> readOlderGeneration(const Dialect& usual) const {
    if (const YamlNode* build = persona_.find("build"))
      yaml_.fail(*build, "build: with protocol jitaas all builds number alike");
    OlderGenerationOptions options;
    if (usual.format != nullptr) options.release = usual.table->release().name;
    const YamlNode* release = persona_.find("release");
    if (release != nullptr) options.release = yaml_.text(*release, "release");
    options.announced = [&](const Release& known) {
      const bool is_same = usual.format != nullptr && known.name == usual.table->release().name;
      return readVersion(is_same ? usual.announced : usualVersion(known, Build::j9), known);
    };
    if (const YamlNode* ignore = persona_.find("ignore_tags"))
      options.ignore_tags = yaml_.flag(*ignore, "ignore_tags");
    auto dialect = olderGenerationDialect(options);
    if (!dialect) yaml_.fail(release != nullptr ? *release : persona_, dialect.error());
    return std::move(*dialect);
  }

  std::shared_ptr<const MessageTable> readTable(const MessageTable& usual) const {
    const YamlNode* release_node = persona_.find("release");
    const YamlNode* build_node = persona_.find("build");
    const std::string release =
        release_node != nullptr ? yaml_.text(*release_node, "release") : usual.release().name;
    Build build = usual.build();
    if (build_node != nullptr) {
      const std::string& name = yaml_.text(*build_node, "build");
      const auto known = parseBuild(name);
      if (!known) yaml_.fail(*build_node, fmt::format("unknown build '{}'; expected openjdk or j9", name));
      build = *known;
    }
    auto table = Catalogue::builtIn().table(release, build);
    if (!table) yaml_.fail(release_node != nullptr ? *release_node : persona_, table.error());
    return std::move(*table);
  }

  FullVersion readVersion(FullVersion announced, const Release& release) const {
    const bool in_words = has("jdk") || has("compressed_refs") || has("arch");
    if (in_words) {
      if (const YamlNode* config = persona_.find("config")) {
        yaml_.fail(*config, "'config' is the whole configuration: without jdk, compressed_refs and arch");
      }
      announced.config = release.fullVersion(readConfiguration(announced.config)).config;
    }
    constexpr std::uint32_t kMaxWord = ~std::uint32_t{0};
    if (const YamlNode* config = persona_.find("config")) {
      announced.config = static_cast<std::uint32_t>(yaml_.number(*config, "config", 0, kMaxWord));
    }
    if (const YamlNode* version = persona_.find("version")) {
      announced.version = static_cast<std::uint32_t>(yaml_.number(*version, "version", 0, kMaxWord));
    }
    return announced;
  }

  Configuration readConfiguration(std::uint32_t usual) const {
    Configuration configuration = Configuration::fromWord(usual);
    if (const YamlNode* jdk = persona_.find("jdk")) {
      configuration.java_version =
          static_cast<unsigned>(yaml_.number(*jdk, "jdk", 1, Configuration::kMaxJavaVersion));
    }
    if (const YamlNode* compressed = persona_.find("compressed_refs")) {
      configuration.compressed_references = yaml_.flag(*compressed, "compressed_refs");
    }
    if (const YamlNode* arch = persona_.find("arch")) {
      const std::string& name = yaml_.text(*arch, "arch");
      const auto known = parseArchitectureName(name);
      if (!known) {
        yaml_.fail(*arch, fmt::format("unknown architecture '{}'; expected x86, ppcle, ppcbe, z, arm, arm64 "
                                      "or none",
                                      name));
      }
      configuration.architecture = *known;
    }
    return configuration;
  }

  const YamlReader& yaml_;
  const YamlNode& persona_;
};

}  // namespace

std::optional<Architecture> parseArchitectureName(std::string_view name) {
  for (const auto& [known, architecture] : kArchitectures) {
    if (known == name) return architecture;
  }
  return std::nullopt;
}

FullVersion usualVersion(const Release& release, Build build) {
  return release.defaultVersion(build == Build::j9 ? kJdkOfJ9 : kJdkOfOpenjdk);
}

std::shared_ptr<const Dialect> readDialect(const ScenarioFileContext& context, const YamlNode& persona,
                                           const std::shared_ptr<const Dialect>& usual) {
  return DialectReader(context.yaml, persona).read(usual);
}

}  // namespace jitrig
