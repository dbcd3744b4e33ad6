// Secrets that settings name: resolved from the environment or from files, never shown.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/declared.hpp"

namespace penstock {

class SecretReader {
 public:
  // `folder` is what relative file paths start from.
  explicit SecretReader(std::string folder) : folder_(std::move(folder)) {}

  // The value; "" and a fault at `mark` when it cannot be had: the variable is not set, the file cannot be read, others
  // can read it (mode 0600 is needed), it is empty or larger than 64 KiB. The fault names variable and file only when
  // they look like such.
  std::string read(const core::declared::SecretRef& reference, core::declared::Mark mark, const std::string& path,
                   core::declared::Faults& faults);

  const std::vector<std::string>& values() const { return values_; }

 private:
  std::string folder_;
  std::vector<std::string> values_;
};

}  // namespace penstock
