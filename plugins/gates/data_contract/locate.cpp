#include "plugins/gates/data_contract/locate.hpp"

#include <algorithm>

#include "plugins/gates/variables.hpp"

namespace penstock::gates::data_contract {
namespace {

namespace fs = std::filesystem;

Located missing(std::string name, std::string why) { return {{}, std::move(name), std::move(why)}; }

Located regular(const fs::path& path, const std::string& name) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return {path, name, ""};
  return missing(name, "`" + name + "` is not a file");
}

core::Result<Located> in_artifact(const std::string& path, const sdk::GateRequest& request, sdk::Tools& tools) {
  if (!request.candidate.artifact) return missing(path, "the candidate has no artifact that could hold `" + path + "`");
  const auto folder = tools.artifacts.open(request.candidate);
  if (!folder) return folder.error();
  std::error_code failed;
  const auto base = fs::canonical(*folder, failed);
  const auto file = failed ? fs::path() : fs::weakly_canonical(base / path, failed);
  if (failed)
    return core::Problem{"unreadable", "`" + path + "` cannot be resolved: " + failed.message(), folder->string()};
  // Compared after links are resolved.
  if (std::mismatch(base.begin(), base.end(), file.begin(), file.end()).first != base.end())
    return missing(path, "`" + path + "` leaves the artifact");
  if (!fs::exists(file, failed)) return missing(path, "the artifact has no file `" + path + "`");
  return regular(file, path);
}

core::Result<Located> in_folder(const std::string& root, const std::string& path, sdk::Tools& tools) {
  const auto file = tools.folders.resolve(root, path);
  if (file) {
    std::error_code ignored;
    if (!fs::exists(*file, ignored)) return missing(path, "there is no `" + path + "` in the folder `" + root + "`");
    return regular(*file, path);
  }
  const auto& problem = file.error();
  if (problem.code == "not-found" || problem.code == "outside-folder") return missing(path, problem.message);
  return problem;
}

bool names_candidate(const std::string& text) { return text.find("${") != std::string::npos; }

core::Result<Located> locate(const std::string& template_text, bool from_artifact, const std::string& root,
                             const sdk::GateRequest& request, sdk::Tools& tools) {
  const auto path = fill_in(template_text, request, Escape::none);
  // The policy asks for something that this candidate does not carry.
  if (!path) return missing(template_text, path.error().message);
  if (path->find('\0') != std::string::npos || !stays_inside(*path))
    return missing(*path, "`" + *path + "` is not a path inside " +
                              (from_artifact ? "the artifact" : "the folder `" + root + "`"));
  return from_artifact ? in_artifact(*path, request, tools) : in_folder(root, *path, tools);
}

}  // namespace

bool stays_inside(const std::string& text) {
  const fs::path path(text);
  if (text.empty() || path.is_absolute()) return false;
  return std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

core::Result<Located> locate_contract(const Settings& settings, const sdk::GateRequest& request, sdk::Tools& tools) {
  const bool from_artifact = settings.contract_from == ContractFrom::artifact;
  auto located = locate(settings.contract, from_artifact, "definitions", request, tools);
  // A contract that only the operator names can only be missed by the operator.
  if (located && located->file.empty() && !from_artifact && !names_candidate(settings.contract))
    return core::Problem{"missing-contract", located->missing, "the folder of the gate definitions",
                         "put the contract there, or correct the gate's `contract`"};
  return located;
}

core::Result<Located> locate_data(const Settings& settings, const sdk::GateRequest& request, sdk::Tools& tools) {
  return locate(settings.data, settings.data_from == "artifact", settings.data_from, request, tools);
}

}  // namespace penstock::gates::data_contract
