// GTO: model versions as git tags (github.com/iterative/gto: gto/constants.py, gto/tag.py, gto/index.py).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.hpp"

namespace penstock::sources {

struct GtoTag {
  std::string
      artifact;  // "fraud"; "folder:name" for one that is declared in a sub-folder (written "folder=name" in tags)
  std::string version;  // "v1.2.3"
};

// A registration, "<artifact>@v<semver>". Nothing for de-registrations (`!`), assignments to stages (`#`) and other
// tags.
std::optional<GtoTag> parse_gto_tag(std::string_view tag);

// The sub-folder that declares the artifact ("" = the root), and its name there.
std::pair<std::string, std::string> gto_place(const std::string& artifact);

struct GtoArtifact {
  std::string path;  // of its file or folder, seen from the file that declares it; may be empty
  std::map<std::string, std::string> labels;  // "gto.type", "gto.labels"
};

// What artifacts.yaml, or the `artifacts:` of dvc.yaml, says about an artifact; nothing when it is not there.
core::Result<std::optional<GtoArtifact>> read_gto_artifact(std::string_view text, const std::string& name,
                                                           bool is_dvc_file, const std::string& where);

}  // namespace penstock::sources
