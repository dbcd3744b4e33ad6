#include "daemon/audit/verify_attestations.hpp"

#include "daemon/audit/attester.hpp"
#include "daemon/core/json_text.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view ending = ".json";

std::string file_of(const core::PromotionId& promotion) {
  return std::string(attestations_folder) + "/" + promotion + std::string(ending);
}

}  // namespace

void Attestations::read(const std::string& path) {
  if (!path.ends_with(ending)) return;
  const auto begin = std::string_view(attestations_folder).size() + 1;
  const auto promotion = path.substr(begin, path.size() - begin - ending.size());
  const auto bytes = read_file(folder_ / path, longest_envelope);
  if (!bytes || !*bytes) return faults_.add(path, bytes ? "is missing" : bytes.error().message);
  auto attested = open_attestation(**bytes, promotion, verifier_);
  if (!attested) return faults_.add(path, attested.error().message);
  const auto entry = attested->entry;
  if (entry < report_.checkpoint.size)
    by_entry_.emplace(entry, std::move(*attested));
  else
    report_.notes.push_back(path + " is about entry " + std::to_string(entry) + ", beyond the newest checkpoint");
}

void Attestations::compare(std::uint64_t index, std::string_view text) {
  const auto [first, last] = by_entry_.equal_range(index);
  if (first == last) return;
  const auto entry = core::read_json(text, {8, 1000});
  for (auto one = first; one != last; ++one) {
    const auto& attested = one->second;
    if (entry && text_in(*entry, "promotion") == attested.promotion && text_in(*entry, "event") == attested.event &&
        text_in(*entry, "phase") == attested.phase)
      continue;
    faults_.add(file_of(attested.promotion), "says that entry " + std::to_string(index) + " decided the promotion (`" +
                                                 attested.phase + "`, event " + attested.event +
                                                 "), and the log's entry says something else");
  }
  by_entry_.erase(first, last);
}

}  // namespace penstock::audit
