#include "scenarios/file/find_scenarios.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

namespace fs = std::filesystem;

/// Whether `name` ends with what somebody means by its last part or parts.
bool endsWithParts(const std::string& name, const std::string& parts) {
  return name.size() > parts.size() && name.ends_with(parts) && name[name.size() - parts.size() - 1] == '/';
}

/// What is known by a name keeps it, however it is called; other files go by their path.
std::string nameAmong(std::span<const ScenarioFile> known, const std::string& path) {
  std::error_code error;
  const auto same = [&](const ScenarioFile& file) { return fs::equivalent(file.path, path, error); };
  const auto found = std::ranges::find_if(known, same);
  return found != known.end() ? found->name : path;
}

std::string unknown(const std::string& wanted, std::span<const ScenarioFile> known) {
  std::vector<std::string> names;
  for (const ScenarioFile& file : known) names.push_back(file.name);
  const auto nearest = nearestNames(wanted, names);
  if (nearest.empty()) {
    return fmt::format("there is no file and no scenario '{}'; jitrig scenario list shows all", wanted);
  }
  return fmt::format("there is no file and no scenario '{}'; the nearest: {}", wanted,
                     fmt::join(nearest, ", "));
}

}  // namespace

std::expected<std::vector<ScenarioFile>, std::string> scenariosBelow(const std::string& folder) {
  std::vector<ScenarioFile> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".yaml" || !entry->is_regular_file(error)) continue;
    const fs::path name = entry->path().lexically_relative(folder).replace_extension();
    files.push_back({name.generic_string(), entry->path().string()});
  }
  if (error) return std::unexpected(fmt::format("{}: {}", folder, error.message()));
  std::ranges::sort(files, {}, &ScenarioFile::name);
  return files;
}

std::expected<std::vector<ScenarioFile>, std::string> findScenarios(const std::string& wanted,
                                                                    std::span<const ScenarioFile> known) {
  std::error_code error;
  const auto same = [&](const ScenarioFile& file) {
    return file.name == wanted || fs::equivalent(file.path, wanted, error);
  };
  if (const auto found = std::ranges::find_if(known, same); found != known.end()) return std::vector{*found};
  if (fs::is_directory(wanted, error)) {
    auto files = scenariosBelow(wanted);
    if (files && files->empty()) return std::unexpected(fmt::format("{}: no *.yaml below it", wanted));
    if (files) {
      for (ScenarioFile& file : *files) file.name = nameAmong(known, file.path);
    }
    return files;
  }
  if (fs::exists(wanted, error)) return std::vector<ScenarioFile>{{wanted, wanted}};
  std::vector<ScenarioFile> found;
  std::ranges::copy_if(known, std::back_inserter(found),
                       [&](const ScenarioFile& file) { return endsWithParts(file.name, wanted); });
  if (found.empty()) return std::unexpected(unknown(wanted, known));
  if (found.size() == 1) return found;
  std::vector<std::string> names;
  for (const ScenarioFile& file : found) names.push_back(file.name);
  return std::unexpected(fmt::format("'{}' may be {}", wanted, fmt::join(names, ", ")));
}

}  // namespace jitrig
