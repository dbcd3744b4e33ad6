#include "daemon/audit/attestation.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "daemon/audit/dsse.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;

constexpr std::array live_phases = {"watching", "live"};
constexpr std::array end_phases = {"rejected", "expired",     "superseded", "withdrawn",
                                   "vetoed",   "rolled_back", "replaced"};

bool is_one_of(const std::string& phase, std::span<const char* const> phases) {
  return std::find(phases.begin(), phases.end(), phase) != phases.end();
}

json digest_set(const core::Digest& digest) { return {{"sha256", digest.hex()}}; }
json digest_set(const std::string& text) {
  const auto digest = core::Digest::parse(text);
  return digest ? digest_set(*digest) : json::object();
}

bool is_unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c))
      encoded += c;
    else
      encoded += "%" + runtime::hex(std::string(1, c));
  }
  return encoded;
}

// RFC 3986: a scheme, a colon, and nothing that would have to be encoded.
bool is_uri(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || std::isalpha(static_cast<unsigned char>(text[0])) == 0) return false;
  const auto in_scheme = [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; };
  constexpr std::string_view others = ":/?#[]@!$&'()*+,;=%";
  const auto in_rest = [&](char c) { return is_unreserved(c) || others.find(c) != std::string_view::npos; };
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), in_scheme) &&
         std::all_of(text.begin(), text.end(), in_rest);
}

// Whole, with its query: an attestation must come out the same whenever it is made, and a candidate that comes in holds
// no credentials (core/candidate.hpp).
std::string resource_uri(const json& candidate) {
  if (const auto artifact = candidate.find("artifact"); artifact != candidate.end())
    if (const auto uri = text_in(*artifact, "uri"); is_uri(uri)) return uri;
  return "penstock:model/" + percent_encoded(text_in(candidate, "model")) + "/" +
         percent_encoded(text_in(candidate, "version"));
}

json subjects_of(const json& candidate, const core::Digest& id) {
  auto subjects = json::array();
  if (const auto artifact = candidate.find("artifact"); artifact != candidate.end())
    if (const auto digest = core::Digest::parse(text_in(*artifact, "digest")))
      subjects.push_back({{"name", resource_uri(candidate)}, {"digest", digest_set(*digest)}});
  subjects.push_back({{"name", "candidate"}, {"digest", digest_set(id)}});
  return subjects;
}

std::size_t approvals_that_count(const json& promotion) {
  const auto given = promotion.value("approvals", json::object()).value("given", json::array());
  return static_cast<std::size_t>(
      std::count_if(given.begin(), given.end(), [](const json& one) { return text_in(one, "voided").empty(); }));
}

json digests_of_waivers(const json& promotion) {
  auto told = json::array();
  for (const auto& waiver : waivers_in(promotion))
    told.push_back({{"id", text_in(waiver, "id")},
                    {"gate", text_in(waiver, "gate")},
                    {"digest", digest_set(runtime::sha256(core::json_text(waiver)))}});
  return told;
}

json digests_of_evidence(const json& findings) {
  auto told = json::array();
  for (const auto& one : evidence_behind(findings))
    told.push_back({{"name", one.gate + "/" + one.name},
                    {"uri", "penstock:evidence/" + one.digest.text()},
                    {"digest", digest_set(one.digest)},
                    {"mediaType", one.media_type}});
  return told;
}

// A member that is not there is null.
json member_of(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() ? *found : json();
}

}  // namespace

bool may_decide_by_text(std::string_view text) {
  const auto names = [&](const char* phase) { return text.find('"' + std::string(phase) + '"') != std::string::npos; };
  return std::any_of(live_phases.begin(), live_phases.end(), names) ||
         std::any_of(end_phases.begin(), end_phases.end(), names);
}

bool may_decide(const json& entry) {
  const auto phase = text_in(entry, "phase");
  return is_one_of(phase, live_phases) || is_one_of(phase, end_phases);
}

std::optional<Deciding> deciding_entry(const std::vector<journal::AuditRow>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!may_decide_by_text(entries[i].entry)) continue;
    auto entry = core::read_json(entries[i].entry, {8, 1000});
    if (!entry || !may_decide(*entry)) continue;
    const bool passed = is_one_of(text_in(*entry, "phase"), live_phases);
    return Deciding{i, std::move(*entry), passed};
  }
  return std::nullopt;
}

core::Result<json> attestation_of(const Record& record, const std::string& log) {
  const auto deciding = deciding_entry(record.entries);
  if (!deciding)
    return core::Problem{"not-decided",
                         "the promotion is " + text_in(record.promotion, "phase") +
                             ": it is neither live nor has it ended, and nothing is attested before",
                         text_in(record.promotion, "id"), "ask again when it is decided", true};
  const auto candidate = core::read_json(record.candidate);
  const auto policy = core::read_json(record.policy);
  if (!candidate || !candidate->is_object() || !policy)
    return core::Problem{"journal-damaged", "the candidate or the policy of a promotion cannot be read", "",
                         "restore the journal from a backup", false};
  // What was found until then: what a watch finds later was not decided on.
  const std::vector<std::string> until(record.events.begin(),
                                       record.events.begin() + static_cast<std::ptrdiff_t>(deciding->number + 1));
  const auto findings = findings_of(until);
  if (!findings) return findings.error();
  const auto digest = findings_digest(*findings);
  if (!digest) return digest.error();
  const auto& entry = deciding->entry;
  if (const auto told = text_in(entry, "findings"); !told.empty() && told != digest->text())
    return core::Problem{
        "journal-damaged",
        "the gates' answers give " + digest->text() + ", and the audit entry that decided says " + told,
        text_in(record.promotion, "id"), "restore the journal from a backup", false};
  const auto id = runtime::sha256(record.candidate);
  json decision{{"promotion", text_in(record.promotion, "id")},
                {"model", text_in(record.promotion, "model")},
                {"environment", text_in(record.promotion, "environment")},
                {"version", text_in(record.promotion, "version")},
                {"phase", text_in(entry, "phase")},
                {"candidate", digest_set(id)},
                {"findings", digest_set(*digest)},
                {"event", digest_set(text_in(entry, "event"))},
                {"approvals", approvals_that_count(record.promotion)},
                {"waivers", digests_of_waivers(record.promotion)},
                {"log", log},
                {"entry", record.entries[deciding->number].index}};
  json predicate{{"verifier", {{"id", "https://" + log}}},
                 {"timeVerified", text_in(entry, "at")},
                 {"resourceUri", resource_uri(*candidate)},
                 {"policy",
                  {{"uri", "penstock:policy/" + percent_encoded(text_in(*policy, "name"))},
                   {"digest", digest_set(runtime::sha256(record.policy))}}},
                 {"inputAttestations", digests_of_evidence(*findings)},
                 {"verificationResult", deciding->passed ? "PASSED" : "FAILED"},
                 // Penstock looks at no build: of SLSA's own levels it says the lowest.
                 {"verifiedLevels", json::array({deciding->passed ? "SLSA_BUILD_LEVEL_0" : "FAILED"})},
                 {"slsaVersion", "1.0"}};
  predicate[decision_member] = std::move(decision);
  return json{{"_type", statement_type},
              {"subject", subjects_of(*candidate, id)},
              {"predicateType", summary_type},
              {"predicate", std::move(predicate)}};
}

core::Result<Attested> open_attestation(std::string_view envelope, const core::PromotionId& promotion,
                                        const Verifier& verifier) {
  const auto bad = [](const std::string& what) { return core::Problem{"bad-envelope", what, "", "", false}; };
  const auto payload = unseal(envelope, in_toto_type, verifier);
  if (!payload) return payload.error();
  const auto statement = core::read_json(*payload);
  if (!statement) return bad("it holds no statement: " + statement.error().message);
  if (const auto type = text_in(*statement, "predicateType"); type != summary_type)
    return bad("its predicateType is `" + type.substr(0, 100) + "`, needed `" + summary_type + "`");
  const auto decision = member_of(member_of(*statement, "predicate"), decision_member);
  const auto digest = core::Digest::parse("sha256:" + text_in(member_of(decision, "event"), "sha256"));
  const auto entry = member_of(decision, "entry");
  if (!digest || !entry.is_number_unsigned()) return bad("it names no deciding event, or no entry of the log");
  Attested attested{text_in(decision, "promotion"), entry.get<std::uint64_t>(), digest->text(),
                    text_in(decision, "phase")};
  if (attested.promotion != promotion)
    return bad("it is about `" + attested.promotion.substr(0, 100) + "`, needed `" + promotion + "`");
  return attested;
}

}  // namespace penstock::audit
