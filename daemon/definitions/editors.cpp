#include "daemon/definitions/editors.hpp"

#include <algorithm>

namespace penstock::definitions {

const core::Result<std::string>& Editors::of(const std::string& file) {
  const auto found = known_.find(file);
  return found != known_.end() ? found->second : known_.emplace(file, ask(file)).first->second;
}

core::Result<std::string> Editors::ask(const std::string& name) const {
  if (options_.last_editor) {
    const auto file = std::find_if(files_.begin(), files_.end(), [&name](const File& one) { return one.name == name; });
    if (file != files_.end()) return options_.last_editor(*file);
  }
  return core::Problem{"no-history", "the file was read without its history", name};
}

}  // namespace penstock::definitions
