#include "daemon/gating/evidence.hpp"

#include <algorithm>

#include "daemon/runtime/utf8.hpp"

namespace penstock::gating {
namespace {

constexpr std::size_t largest_document = 8 << 20;
constexpr std::size_t most_details = 50;
constexpr std::size_t longest_text = 2000;

// What a person will read: text in UTF-8, not too long. Gates show file names and answers that may be anything.
void tidy(std::string& text) {
  if (!runtime::is_utf8(text)) text = runtime::printable(text);
  if (text.size() <= longest_text) return;
  text.resize(longest_text);
  // Not in the middle of a UTF-8 character.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
  text += "…";
}

// What decides comes first, so that cutting the list never hides it.
int order(core::Verdict verdict) {
  switch (verdict) {
    case core::Verdict::failed:
      return 0;
    case core::Verdict::errored:
      return 1;
    case core::Verdict::inconclusive:
      return 2;
    case core::Verdict::waived:
      return 3;
    case core::Verdict::passed:
      return 4;
  }
  return 5;
}

void bound(core::Finding& finding) {
  for (auto* text : {&finding.observed, &finding.needed, &finding.source, &finding.next}) tidy(*text);
  std::stable_sort(finding.details.begin(), finding.details.end(),
                   [](const core::Detail& a, const core::Detail& b) { return order(a.verdict) < order(b.verdict); });
  if (finding.details.size() > most_details) {
    const auto more = finding.details.size() - most_details;
    finding.details.resize(most_details);
    finding.details.push_back({"more", finding.verdict, std::to_string(more) + " more rules", "", "see the evidence"});
  }
  for (auto& detail : finding.details)
    for (auto* text : {&detail.rule, &detail.observed, &detail.needed, &detail.where}) tidy(*text);
}

core::Result<core::Digest> keep(std::string_view content, runtime::ContentStore& store, const Again& again) {
  for (;;) {
    auto digest = store.put(content);
    if (digest || !digest.error().transient || !again || !again()) return digest;
  }
}

}  // namespace

core::Result<core::Finding> keep_evidence(sdk::GateAnswer answer, core::Time now, runtime::ContentStore& store,
                                          const Again& again) {
  auto& finding = answer.finding;
  finding.at = now;
  finding.evidence.clear();
  for (auto& document : answer.evidence) {
    if (document.content.size() > largest_document)
      return core::Problem{
          "evidence-too-large",
          document.name + " has " + std::to_string(document.content.size()) + " bytes; at most 8 MiB are kept", "",
          "let the gate summarise it", false};
    auto digest = keep(document.content, store, again);
    if (!digest) return digest.error();
    tidy(document.name);
    tidy(document.media_type);
    finding.evidence.push_back({document.name, document.media_type, *digest, document.content.size()});
  }
  bound(finding);
  return finding;
}

core::Finding errored(const core::Problem& problem, core::Time now) {
  core::Finding finding;
  finding.verdict = core::Verdict::errored;
  finding.observed = "no answer: " + problem.message;
  finding.needed = "an answer";
  finding.source = problem.where.empty() ? "Penstock" : problem.where;
  finding.at = now;
  finding.next = problem.hint.empty() ? "find out why, then retry" : problem.hint;
  bound(finding);
  return finding;
}

}  // namespace penstock::gating
