#include "daemon/definitions/lint.hpp"

#include <algorithm>
#include <tuple>

namespace penstock::definitions {

std::string to_text(const Lint& lint) {
  std::string text = lint.file;
  if (lint.mark.line > 0) text += ":" + std::to_string(lint.mark.line) + ":" + std::to_string(lint.mark.column);
  text += lint.severity == Severity::error ? ": error: " : ": warning: ";
  if (!lint.path.empty()) text += lint.path + ": ";
  return text + lint.message;
}

bool has_errors(const Lints& lints) {
  return std::any_of(lints.begin(), lints.end(), [](const Lint& lint) { return lint.severity == Severity::error; });
}

void add_faults(const core::declared::Faults& faults, const std::string& file, Lints& lints) {
  for (const auto& fault : faults) lints.push_back({Severity::error, file, fault.mark, fault.path, fault.message});
}

void sort(Lints& lints) {
  const auto place = [](const Lint& lint) { return std::tie(lint.file, lint.mark.line, lint.mark.column); };
  std::stable_sort(lints.begin(), lints.end(),
                   [&place](const Lint& left, const Lint& right) { return place(left) < place(right); });
  lints.erase(std::unique(lints.begin(), lints.end()), lints.end());
}

}  // namespace penstock::definitions
