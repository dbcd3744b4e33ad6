#include "daemon/audit/record.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "daemon/audit/attestation.hpp"
#include "daemon/core/codec.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;

core::Problem damaged(const std::string& what) {
  return {"journal-damaged", what, "", "restore the journal from a backup", false};
}

core::Problem unknown(const core::PromotionId& promotion) {
  return {"unknown-promotion", "there is no promotion `" + promotion.substr(0, 60) + "`", "",
          "list them with GET /v1/promotions", false};
}

core::Result<std::string> policy_of(journal::Journal& journal, const core::Digest& digest) {
  const auto row = journal.policy(digest);
  if (!row) return row.error();
  if (!*row) return damaged("the policy " + digest.text() + " of a promotion is not in the journal");
  return (*row)->document;
}

// The digest that a stored promotion names its policy by.
core::Result<core::Promotion> decode(journal::Journal& journal, const std::string& document, std::string& policy) {
  const auto find = [&](const core::Digest& digest) -> core::Result<std::shared_ptr<const core::Policy>> {
    auto bytes = policy_of(journal, digest);
    if (!bytes) return bytes.error();
    const auto parsed = core::read_json(*bytes);
    auto read = parsed ? core::policy_from_json(*parsed) : core::Result<core::Policy>(parsed.error());
    if (!read) return damaged("the policy " + digest.text() + " cannot be read: " + read.error().message);
    read->digest = digest;
    policy = std::move(*bytes);
    return std::make_shared<const core::Policy>(std::move(*read));
  };
  return core::decode_promotion(document, find);
}

constexpr int rows_at_once = 500;

// Takes what happened to a promotion, one after the other, and keeps what belongs into its record.
class Selection {
 public:
  void add(journal::AuditRow row, const json& entry, journal::EventRow event) {
    const auto index = row.index;
    const auto phase = text_in(entry, "phase");
    const bool moved = !phase.empty() && phase != phase_;
    const bool repeats = is_decided_ && !moved && text_in(entry, "who").empty();
    is_decided_ = is_decided_ || may_decide(entry);
    if (moved) phase_ = phase;
    if (repeats && event.name == "effect_seen")
      look(index, event.document);
    else
      runs_.clear();
    if (repeats) (first_.size() < most_repeated / 2 ? first_ : newest_).insert(index);
    kept_.emplace_hint(kept_.end(), index, Happened{std::move(row), std::move(event.document)});
    if (newest_.size() > most_repeated / 2) drop(*newest_.begin());
  }

  void put_into(Record& record) && {
    record.left_out = left_out_;
    for (auto& [index, one] : kept_) {
      record.entries.push_back(std::move(one.entry));
      record.events.push_back(std::move(one.event));
    }
  }

 private:
  struct Happened {
    journal::AuditRow entry;
    std::string event;
  };
  // Looks at one delivery that say the same, with nothing but looks between them.
  struct Run {
    std::pair<std::string, std::string> said;  // effect, observed
    std::optional<std::int64_t> newest;        // behind the first
  };

  void look(std::int64_t index, const std::string& document) {
    const auto event = json::parse(document, nullptr, false);
    auto& run = runs_[text_in(event, "delivery")];
    std::pair said(text_in(event, "effect"), text_in(event, "observed"));
    if (said != run.said) {
      run = {std::move(said), std::nullopt};
      return;
    }
    if (run.newest) drop(*run.newest);
    run.newest = index;
  }

  void drop(std::int64_t index) {
    left_out_ += static_cast<std::int64_t>(kept_.erase(index));
    first_.erase(index);
    newest_.erase(index);
  }

  bool is_decided_ = false;
  std::string phase_;                      // after the entry before
  std::map<std::int64_t, Happened> kept_;  // by the index of the entry
  std::map<std::string, Run> runs_;        // by delivery
  std::set<std::int64_t> first_, newest_;  // of what repeats
  std::int64_t left_out_ = 0;
};

core::Result<Selection> selection_of(journal::Journal& journal, const core::PromotionId& id) {
  Selection selection;
  std::int64_t from = 0;
  std::int64_t after_seq = 0;
  for (;;) {
    // The entries come first: what is journalled meanwhile has an entry more, and is left out.
    auto entries = journal.audit_of(id, rows_at_once, from);
    if (!entries) return entries.error();
    auto events = journal.events_of(id, rows_at_once, after_seq);
    if (!events) return events.error();
    for (std::size_t i = 0; i < entries->size(); ++i) {
      auto& row = (*entries)[i];
      const auto entry = json::parse(row.entry, nullptr, false);
      if (i >= events->size() || text_in(entry, "event") != runtime::sha256((*events)[i].document).text())
        return core::Problem{"not-in-log",
                             "not everything that happened to " + id + " has its entry in the audit log: entry " +
                                 std::to_string(row.index) + " is not about the event that stands in its place",
                             "", "what began before the audit log did cannot be attested", false};
      from = row.index + 1;
      after_seq = (*events)[i].seq;
      selection.add(std::move(row), entry, std::move((*events)[i]));
    }
    if (entries->size() < static_cast<std::size_t>(rows_at_once)) return selection;
  }
}

}  // namespace

std::string readable(const json& document) {
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string text_in(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

core::Result<Record> read_record(journal::Journal& journal, const core::PromotionId& id) {
  Record record;
  auto selection = selection_of(journal, id);
  if (!selection) return selection.error();
  const auto row = journal.promotion(id);
  if (!row) return row.error();
  if (!*row) return unknown(id);
  const auto promotion = decode(journal, (*row)->document, record.policy);
  if (!promotion) return promotion.error();
  const auto candidate = journal.candidate(promotion->candidate);
  if (!candidate) return candidate.error();
  if (!*candidate) return damaged("the candidate " + promotion->candidate.text() + " is not in the journal");
  record.promotion = core::to_json(*promotion);
  record.candidate = (*candidate)->document;
  std::move(*selection).put_into(record);
  return record;
}

std::string phase_after(const std::vector<journal::AuditRow>& entries) {
  for (auto row = entries.rbegin(); row != entries.rend(); ++row) {
    const auto entry = core::read_json(row->entry, {8, 1000});
    if (auto phase = entry ? text_in(*entry, "phase") : std::string(); !phase.empty()) return phase;
  }
  return {};
}

core::Result<json> findings_of(const std::vector<std::string>& events) {
  auto findings = json::array();
  for (const auto& text : events) {
    auto event = core::read_json(text);
    if (!event || !event->is_object()) return damaged("a journalled event is no JSON object");
    if (text_in(*event, "event") != "check_reported") continue;
    for (const auto* member : {"gate", "attempt", "finding"})
      if (!event->contains(member)) return damaged(std::string("a gate's answer has no `") + member + "`");
    findings.push_back(
        {{"gate", (*event)["gate"]}, {"attempt", (*event)["attempt"]}, {"finding", (*event)["finding"]}});
  }
  return findings;
}

core::Result<core::Digest> findings_digest(const json& findings) {
  core::Promotion promotion;
  if (!findings.is_array()) return damaged("the findings are no list");
  for (const auto& one : findings) {
    const auto attempt = one.is_object() ? one.find("attempt") : one.end();
    if (text_in(one, "gate").empty() || attempt == one.end() || !attempt->is_number_integer() ||
        !one.contains("finding"))
      return damaged("a gate's answer cannot be read");
    auto finding = core::finding_from_json(one["finding"]);
    if (!finding) return damaged("a finding cannot be read: " + finding.error().message);
    core::Check check;
    check.gate = text_in(one, "gate");
    check.attempt = attempt->get<int>();
    check.finding = std::move(*finding);
    promotion.checks.push_back(std::move(check));
  }
  // Checks stand in the order they were asked in; answers may come in another one.
  std::stable_sort(promotion.checks.begin(), promotion.checks.end(),
                   [](const core::Check& one, const core::Check& other) { return one.attempt < other.attempt; });
  return runtime::sha256(core::findings_text(promotion));
}

std::vector<Evidence> evidence_behind(const json& findings) {
  std::vector<Evidence> all;
  std::set<core::Digest> known;
  for (const auto& one : findings)
    for (const auto& document : one.value("finding", json::object()).value("evidence", json::array())) {
      const auto digest = core::Digest::parse(text_in(document, "digest"));
      if (!digest || !known.insert(*digest).second) continue;
      all.push_back({*digest, document.value("size", std::uint64_t{0}), text_in(one, "gate"), text_in(document, "name"),
                     text_in(document, "media_type")});
    }
  return all;
}

json waivers_in(const json& promotion) {
  auto waivers = json::array();
  std::set<std::string> known;
  for (const auto& check : promotion.value("checks", json::array()))
    for (const auto& waiver : check.value("waivers", json::array()))
      if (known.insert(text_in(waiver, "id")).second) waivers.push_back(waiver);
  return waivers;
}

}  // namespace penstock::audit
