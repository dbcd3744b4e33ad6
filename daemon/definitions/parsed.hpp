// The documents of all files, read but not yet compared with each other. Internal to loading.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/definitions/definitions.hpp"
#include "daemon/definitions/documents.hpp"
#include "daemon/definitions/framework_text.hpp"

namespace penstock::definitions {

template <class Spec>
struct Parsed {
  std::string file;
  Document<Spec> document;
  bool sound = true;  // false: it had faults, which are told; what could be read still serves to check others
  const std::string& name() const { return document.metadata.name.value.text; }
};

struct ParsedFiles {
  std::vector<Parsed<GateText>> gates;
  std::vector<Parsed<PolicyText>> policies;
  std::vector<Parsed<FrameworkText>> frameworks;
};

ParsedFiles parse(const std::vector<File>& files, Lints& lints);

// `names` of what there is, for a suggestion: ", did you mean `x`?" or "; there are `a`, `b`" or "; there is none".
std::string suggestion(const std::string& word, const std::vector<std::string>& names);

template <class V>
std::vector<std::string> keys_of(const std::map<std::string, V>& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

template <class M>
void complain(Severity severity, const std::string& file, const Written<M>& at, std::string message, Lints& lints) {
  lints.push_back({severity, file, at.mark, at.path, std::move(message)});
}

// Tells of a name that was given twice, with the place of the first.
class UniqueNames {
 public:
  explicit UniqueNames(std::string what) : what_(std::move(what)) {}
  template <class M>
  void take(const std::string& name, const std::string& file, const Written<M>& at, Lints& lints,
            const std::string& hint = "") {
    if (name.empty()) return;
    const auto place = file + ":" + std::to_string(at.mark.line) + ":" + std::to_string(at.mark.column);
    const auto [first, is_new] = places_.emplace(name, place);
    if (!is_new)
      complain(Severity::error, file, at,
               "the " + what_ + " `" + name + "` is there already, at " + first->second + hint, lints);
  }

 private:
  std::string what_;
  std::map<std::string, std::string> places_;
};

}  // namespace penstock::definitions
