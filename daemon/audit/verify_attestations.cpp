#include "daemon/audit/verify_attestations.hpp"

#include "daemon/audit/attester.hpp"
#include "daemon/audit/looked_at.hpp"
#include "daemon/core/json_text.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view ending = ".json";

std::string file_of(const core::PromotionId& promotion) {
  return std::string(attestations_folder) + "/" + promotion + std::string(ending);
}

}  // namespace

void Attestations::read(const std::string& path) {
  const auto begin = std::string_view(attestations_folder).size() + 1;
  const auto name = path.substr(begin);
  if (name != looked_at_file && !name.ends_with(ending))
    return report_.notes.push_back(path + " is no file of the log");
  const auto bytes = read_file(folder_ / path, longest_envelope);
  if (!bytes || !*bytes) return faults_.add(path, bytes ? "is missing" : bytes.error().message);
  if (name == looked_at_file) {
    if (const auto number = unseal_looked_at(**bytes, verifier_); !number) faults_.add(path, number.error().message);
    return;
  }
  const auto promotion = name.substr(0, name.size() - ending.size());
  auto attested = open_attestation(**bytes, promotion, verifier_);
  if (!attested) return faults_.add(path, attested.error().message);
  attested_.insert(promotion);
  by_entry_.emplace(attested->entry, std::move(*attested));
}

void Attestations::compare(const Attested& attested, std::uint64_t index, const nlohmann::json& entry) {
  if (text_in(entry, "promotion") == attested.promotion && text_in(entry, "event") == attested.event &&
      text_in(entry, "phase") == attested.phase)
    return;
  faults_.add(file_of(attested.promotion), "says that entry " + std::to_string(index) + " decided the promotion (`" +
                                               attested.phase + "`, event " + attested.event +
                                               "), and the log's entry says something else");
}

void Attestations::compare(std::uint64_t index, std::string_view text) {
  const auto [first, last] = by_entry_.equal_range(index);
  if (first == last && !may_decide_by_text(text)) return;
  const auto read = core::read_json(text, {8, 1000});
  const auto entry = read ? *read : nlohmann::json();
  for (auto one = first; one != last; ++one) compare(one->second, index, entry);
  by_entry_.erase(first, last);
  const auto promotion = text_in(entry, "promotion");
  if (promotion.empty() || !may_decide(entry) || attested_.contains(promotion)) return;
  if (unattested_.insert(promotion).second && unattested_.size() == 1)
    first_unattested_ = promotion + ", which entry " + std::to_string(index) + " decided";
}

void Attestations::finish(std::uint64_t newest) {
  for (const auto& [entry, attested] : by_entry_) {
    if (entry < report_.checkpoint.size) continue;
    const auto about = "is about entry " + std::to_string(entry) + ", beyond the newest checkpoint";
    if (entry < newest)
      report_.notes.push_back(file_of(attested.promotion) + " " + about + " when this began");
    else
      faults_.add(file_of(attested.promotion), about + ": the log was cut short");
  }
  if (!unattested_.empty())
    report_.notes.push_back(std::to_string(unattested_.size()) +
                            " decided promotions have no attestation here, first " + first_unattested_ +
                            "; sinks hold none, and a daemon makes one soon after the decision or "
                            "when it is asked for it");
}

}  // namespace penstock::audit
