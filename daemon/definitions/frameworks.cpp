#include "daemon/definitions/frameworks.hpp"

#include <algorithm>
#include <tuple>

namespace penstock::definitions {
namespace {

bool is_day(const std::string& text) { return text.size() == 10 && core::parse_time(text + "T00:00:00Z").has_value(); }

void check_day(const Parsed<FrameworkText>& framework, const Written<std::string>& day, Lints& lints) {
  if (day.value.size() != 10 || is_day(day.value)) return;  // its length is told by its declaration
  complain(Severity::error, framework.file, day, core::declared::quote(day.value) + " is no day, needed YYYY-MM-DD",
           lints);
}

void check_evidence(const Parsed<FrameworkText>& framework, const ClauseEvidenceText& evidence, const Options& options,
                    Lints& lints) {
  const auto refuse = [&](const Written<std::string>& at, const std::string& message) {
    complain(Severity::error, framework.file, at, message, lints);
  };
  if (evidence.gates.empty() != evidence.fact.has_value())
    refuse(evidence.shows, "needs one of `gates` and `fact` beside it, and not both");
  if (evidence.gates.empty() && !evidence.named.empty()) refuse(evidence.shows, "`named` is for `gates` only");
  for (const auto& kind : evidence.gates)
    if (!kind.value.empty() && options.kinds.gates.count(kind.value) == 0)
      refuse(kind, "there is no kind of gate " + core::declared::quote(kind.value) +
                       suggestion(kind.value, keys_of(options.kinds.gates)));
}

ClauseEvidence evidence_of(const ClauseEvidenceText& text) {
  ClauseEvidence evidence{{}, text.named, text.fact, text.shows.value};
  for (const auto& kind : text.gates) evidence.gates.push_back(kind.value);
  return evidence;
}

Framework framework_of(const Parsed<FrameworkText>& parsed) {
  const auto& spec = parsed.document.spec;
  Framework framework{parsed.name(),
                      parsed.document.metadata.version,
                      spec.title,
                      spec.owner,
                      spec.source.value,
                      spec.read.value,
                      spec.effective ? spec.effective->value : "",
                      spec.note,
                      {},
                      parsed.file,
                      {}};
  for (const auto& text : spec.clauses) {
    Clause clause{text.id.value, text.title, {}};
    for (const auto& item : text.evidence) clause.evidence.push_back(evidence_of(item));
    framework.clauses.push_back(std::move(clause));
  }
  return framework;
}

}  // namespace

void check_frameworks(const std::vector<Parsed<FrameworkText>>& frameworks, const Options& options, Lints& lints) {
  UniqueNames names("framework");
  for (const auto& framework : frameworks) {
    const auto& metadata = framework.document.metadata;
    if (!framework.name().empty())
      names.take(framework.name() + " " + metadata.version, framework.file, metadata.name, lints,
                 "; another text of it needs another `version`");
    const auto& spec = framework.document.spec;
    if (!spec.source.value.empty() && !spec.source.value.starts_with("https://"))
      complain(Severity::error, framework.file, spec.source, "needed an address that begins with `https://`", lints);
    check_day(framework, spec.read, lints);
    if (spec.effective) check_day(framework, *spec.effective, lints);
    UniqueNames clauses("clause");
    for (const auto& clause : spec.clauses) {
      clauses.take(clause.id.value, framework.file, clause.id, lints);
      for (const auto& evidence : clause.evidence) check_evidence(framework, evidence, options, lints);
    }
  }
}

std::vector<Framework> make_frameworks(const std::vector<Parsed<FrameworkText>>& frameworks,
                                       const std::vector<File>& files, const Options& options) {
  std::vector<Framework> made;
  for (const auto& parsed : frameworks) {
    if (!parsed.sound) continue;
    made.push_back(framework_of(parsed));
    const auto file =
        std::find_if(files.begin(), files.end(), [&](const auto& one) { return one.name == parsed.file; });
    if (file != files.end()) made.back().digest = options.sha256(file->text);
  }
  std::sort(made.begin(), made.end(), [](const auto& left, const auto& right) {
    return std::tie(left.name, left.version) < std::tie(right.name, right.version);
  });
  return made;
}

}  // namespace penstock::definitions
