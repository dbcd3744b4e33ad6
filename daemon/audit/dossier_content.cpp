#include <algorithm>
#include <optional>
#include <set>

#include "daemon/audit/dossier_verify.hpp"
#include "daemon/audit/dsse.hpp"
#include "daemon/audit/merkle.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;
namespace files = dossier_files;

// Takes a line from the beginning of the text; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string line_name(std::size_t number) {
  return std::string(files::events) + ", line " + std::to_string(number + 1);
}

std::string entry_name(const json& proof) {
  return std::string(files::proofs) + ", entry " + core::json_text(proof.value("index", json()));
}

std::optional<Hashes> hashes_in(const json& proof) {
  Hashes hashes;
  for (const auto& one : proof.value("hashes", json::array())) {
    const auto bytes = one.is_string() ? runtime::from_base64(one.get<std::string>()) : std::nullopt;
    Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), reinterpret_cast<char*>(hash.data()));
    hashes.push_back(hash);
  }
  return hashes;
}

// Objects, whatever the file holds: it may be the one that was changed.
json proofs_in(const std::string& text) {
  auto proofs = json::array();
  const auto document = core::read_json(text);
  if (!document || !document->is_object()) return proofs;
  for (const auto& one : document->value("entries", json::array()))
    proofs.push_back(one.is_object() ? one : json::object());
  return proofs;
}

std::string event_digest(const json& proof) {
  const auto entry = core::read_json(text_in(proof, "entry"), {8, 1000});
  return entry ? text_in(*entry, "event") : std::string();
}

// The first member in which the two differ: "predicate.policy.digest.sha256".
std::string difference(const json& observed, const json& needed, const std::string& path) {
  if (observed == needed) return {};
  if (observed.is_object() && needed.is_object()) {
    for (const auto& [name, value] : needed.items())
      if (const auto found = difference(observed.value(name, json()), value, path.empty() ? name : path + "." + name);
          !found.empty())
        return found;
  }
  const auto brief = [](const json& value) { return core::json_text(value).substr(0, 200); };
  return (path.empty() ? "" : path + ": ") + "observed " + brief(observed) + ", needed " + brief(needed);
}

}  // namespace

const std::string& DossierContent::text(const char* path) const {
  static const std::string nothing;
  const auto found = texts_.find(path);
  return found == texts_.end() ? nothing : found->second;
}

json DossierContent::document(const char* path) {
  auto read = core::read_json(text(path));
  if (read) return std::move(*read);
  fault(path, read.error().message);
  return {};
}

bool DossierContent::locates_by(const std::string& path) {
  return path == files::events || path == files::proofs || path == files::checkpoint;
}

bool DossierContent::reads(const std::string& path) {
  for (const auto* one : {files::attestation, files::promotion, files::candidate, files::policy, files::findings,
                          files::approvals, files::waivers, files::key})
    if (path == one) return true;
  return locates_by(path);
}

void DossierContent::check() {
  for (const auto* path : {files::attestation, files::promotion, files::explanation, files::candidate, files::policy,
                           files::events, files::findings, files::approvals, files::waivers, files::proofs,
                           files::checkpoint, files::key, files::bom, files::page})
    if (!texts_.contains(path)) fault(path, "is not listed: a dossier has it");
  if (!faults_.empty()) return;
  if (text(files::key) != verifier_.text() + "\n")
    fault(files::key, "is another key than the one to verify with: observed " + text(files::key).substr(0, 300) +
                          ", needed " + verifier_.text());
  record_.promotion = document(files::promotion);
  record_.candidate = text(files::candidate);
  record_.policy = text(files::policy);
  if (!record_.promotion.is_object()) return fault(files::promotion, "is no JSON object");
  if (!read_checkpoint() || !read_record()) return;
  check_attestation();
  check_documents();
}

bool DossierContent::read_checkpoint() {
  const auto checkpoint = open_checkpoint(text(files::checkpoint), verifier_);
  if (!checkpoint) {
    fault(files::checkpoint, checkpoint.error().message);
    return false;
  }
  report_.checkpoint = *checkpoint;
  return true;
}

bool DossierContent::read_record() {
  locate_in_proofs();
  locate_in_events();
  if (!faults_.empty()) return false;
  for (std::string_view rest = text(files::events); const auto line = take_line(rest);)
    record_.events.emplace_back(*line);
  for (const auto& proof : proofs_in(text(files::proofs)))
    record_.entries.push_back(
        {proof.at("index").get<std::int64_t>(), text_in(record_.promotion, "id"), text_in(proof, "entry")});
  report_.entries = record_.entries.size();
  if (record_.entries.empty()) fault(files::proofs, "has no entry: nothing of the promotion is proved");
  return !record_.entries.empty();
}

void DossierContent::locate_in_proofs() {
  const auto checkpoint = open_checkpoint(text(files::checkpoint), verifier_);
  if (!checkpoint) return;
  std::int64_t last = -1;
  for (const auto& proof : proofs_in(text(files::proofs))) {
    const auto index = proof.value("index", json());
    const auto hashes = hashes_in(proof);
    if (!index.is_number_unsigned() || !hashes) {
      fault(entry_name(proof), "has no index, or a hash that is none");
      continue;
    }
    const auto number = index.get<std::uint64_t>();
    if (number >= checkpoint->size ||
        !includes(leaf_hash(text_in(proof, "entry")), number, checkpoint->size, checkpoint->root, *hashes))
      fault(entry_name(proof), "does not lead to the root that was signed for " + std::to_string(checkpoint->size) +
                                   " entries: the entry or its proof was changed");
    if (static_cast<std::int64_t>(number) <= last) fault(entry_name(proof), "stands in another order than in the log");
    last = static_cast<std::int64_t>(number);
  }
}

void DossierContent::locate_in_events() {
  if (!texts_.contains(files::events) || !texts_.contains(files::proofs)) return;
  const auto proofs = proofs_in(text(files::proofs));
  std::string_view rest = text(files::events);
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const auto line = take_line(rest);
    if (!line) return fault(line_name(i), "is missing: it is the event of " + entry_name(proofs[i]));
    const auto observed = runtime::sha256(*line).text();
    if (const auto needed = event_digest(proofs[i]); observed != needed)
      fault(line_name(i),
            "is not the event of " + entry_name(proofs[i]) + ": observed " + observed + ", needed " + needed);
  }
  if (!rest.empty()) fault(line_name(proofs.size()), "was added: the log has no entry for it");
}

void DossierContent::check_attestation() {
  const auto payload = unseal(text(files::attestation), in_toto_type, verifier_);
  if (!payload) return fault(files::attestation, payload.error().message);
  const auto statement = core::read_json(*payload);
  const auto needed = attestation_of(record_, verifier_.name);
  if (!statement) return fault(files::attestation, statement.error().message);
  if (!needed) return fault(files::attestation, "cannot be compared: " + needed.error().message);
  if (*statement != *needed)
    return fault(files::attestation,
                 "was signed for something else than the files tell: " + difference(*statement, *needed, ""));
  const auto& predicate = statement->at("predicate");
  report_.result = text_in(predicate, "verificationResult");
  report_.decided_at = text_in(predicate, "timeVerified");
}

void DossierContent::check_documents() {
  const auto& promotion = record_.promotion;
  report_.phase = text_in(promotion, "phase");
  const auto demand = [&](const char* path, const std::string& observed, const std::string& needed,
                          const std::string& what) {
    if (observed != needed) fault(path, what + ": observed " + observed + ", needed " + needed);
  };
  demand(files::promotion, text_in(promotion, "id"), report_.promotion, "is another promotion than the one signed for");
  demand(files::candidate, runtime::sha256(record_.candidate).text(), text_in(promotion, "candidate"),
         "is not the promotion's candidate");
  demand(files::policy, runtime::sha256(record_.policy).text(),
         text_in(promotion.value("policy", json::object()), "digest"), "is not the promotion's policy");
  demand(files::promotion, report_.phase, phase_after(record_.entries), "is not as the newest audit entry has it");
  const auto findings = findings_of(record_.events);
  if (!findings) return fault(files::events, findings.error().message);
  const auto derived = [&](const char* path, const json& needed) {
    if (const auto found = difference(document(path), needed, ""); !found.empty())
      fault(path, std::string("does not say what ") + files::events + " and " + files::promotion + " say: " + found);
  };
  derived(files::findings, *findings);
  derived(files::approvals, promotion.value("approvals", json::object()));
  derived(files::waivers, waivers_in(promotion));
  check_evidence(*findings);
}

void DossierContent::check_evidence(const json& findings) {
  std::set<std::string> needed;
  for (const auto& one : evidence_behind(findings)) {
    const auto path = files::evidence + one.digest.hex();
    needed.insert(path);
    if (!texts_.contains(path))
      fault(path, "is missing: it is `" + one.name + "`, evidence behind the answer of gate " + one.gate);
  }
  for (const auto& [path, text] : texts_)
    if (path.starts_with(files::evidence) && !needed.contains(path)) fault(path, "stands behind no finding");
}

}  // namespace penstock::audit
