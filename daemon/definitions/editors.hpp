// Who edited a file last, asked once for each file. Internal to loading.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/definitions/definitions.hpp"

namespace penstock::definitions {

class Editors {
 public:
  // Both must outlive this.
  Editors(const std::vector<File>& files, const Options& options) : files_(files), options_(options) {}
  // `file` is the name of one of the files. A Problem says why nobody can tell.
  const core::Result<std::string>& of(const std::string& file);

 private:
  core::Result<std::string> ask(const std::string& file) const;

  const std::vector<File>& files_;
  const Options& options_;
  std::map<std::string, core::Result<std::string>> known_;
};

}  // namespace penstock::definitions
