// What is wrong, or odd, with the files that users write.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/declared_value.hpp"

namespace penstock::definitions {

enum class Severity {
  error,    // the definitions cannot be used
  warning,  // they can; somebody should look
};

struct Lint {
  Severity severity = Severity::error;
  std::string file;           // below the definitions' folder: "policies/high-risk.yaml"
  core::declared::Mark mark;  // line and column from 1; 0 when it is about the file as a whole
  std::string path;           // "spec.stages[0].gates[1].use"
  std::string message;
  bool operator==(const Lint&) const = default;
};
using Lints = std::vector<Lint>;

// "policies/high-risk.yaml:14:15: error: spec.stages[0].name: missing"
std::string to_text(const Lint& lint);
bool has_errors(const Lints& lints);
void add_faults(const core::declared::Faults& faults, const std::string& file, Lints& lints);
// By file, line and column; equal ones once.
void sort(Lints& lints);

}  // namespace penstock::definitions
