#include "daemon/engine/replay_facts.hpp"

#include <algorithm>

namespace penstock::engine {
namespace {

core::Finding never_answered() {
  core::Finding finding;
  finding.verdict = core::Verdict::inconclusive;
  finding.observed = "never asked";
  finding.details = {{"never-asked", core::Verdict::inconclusive, "", "", "", true}};
  return finding;
}

// What the core decides by. Of a gate that passed nothing else matters, and long texts cost time.
core::Finding essence_of(const core::Finding& stored) {
  core::Finding finding;
  finding.verdict = stored.verdict;
  finding.at = stored.at;
  if (stored.verdict == core::Verdict::passed) return finding;
  finding.observed = stored.observed;
  finding.next = stored.next;
  finding.details = stored.details;
  return finding;
}

// The core names gates as those who reject, a person is named by name.
bool is_by_person(const core::Rejected& rejected) { return !rejected.by.starts_with("gates of stage "); }

void keep_earlier(std::optional<Fact>& first, std::optional<Fact> other) {
  if (other && (!first || other->at < first->at)) first = std::move(other);
}

}  // namespace

Facts::Facts(const core::Promotion& stored, const ReplayRules& rules) : stored_(stored), rules_(rules) {
  for (const auto& check : stored.checks) {
    if (!check.finding || check.stage == "watch") continue;
    answers_[check.gate].push_back(&*check.finding);
    approvals_asked_ = std::max(approvals_asked_, check.finding->at);
  }
}

core::Event Facts::opening() const {
  return core::CandidateSeen{stored_.id,        stored_.candidate, stored_.version, stored_.authors,
                             stored_.submitter, stored_.trigger,   rules_.policy};
}

std::vector<core::Waiver> Facts::waivers() const {
  std::vector<core::Waiver> all;
  for (const auto& check : stored_.checks) all.insert(all.end(), check.waivers.begin(), check.waivers.end());
  return all;
}

const core::Finding* Facts::answer_to(const std::string& gate) const {
  const auto* name = rules_.matches.asked_as(gate);
  if (name == nullptr) return nullptr;
  const auto answers = answers_.find(*name);
  const auto given = answers_given_.find(gate);
  const auto number = given == answers_given_.end() ? 0 : given->second;
  return answers == answers_.end() || number >= answers->second.size() ? nullptr : answers->second[number];
}

bool Facts::ended_from_outside() const {
  if (end_given_ || !stored_.deliveries.empty()) return false;
  if (const auto* rejected = std::get_if<core::Rejected>(&stored_.phase)) return is_by_person(*rejected);
  return std::holds_alternative<core::Vetoed>(stored_.phase) ||
         std::holds_alternative<core::Withdrawn>(stored_.phase) ||
         std::holds_alternative<core::Superseded>(stored_.phase);
}

std::optional<Fact> Facts::next_answer(const core::Promotion& promotion, core::Time now) {
  std::optional<Fact> first;
  for (const auto& check : promotion.checks) {
    if (check.finding) continue;
    const auto* answer = answer_to(check.gate);
    if (answer != nullptr) {
      keep_earlier(first, Fact{std::max(now, answer->at),
                               core::CheckReported{promotion.id, check.gate, check.attempt, essence_of(*answer)}});
      continue;
    }
    // It was under way when the promotion was ended.
    if (rules_.matches.asked_as(check.gate) != nullptr && ended_from_outside()) continue;
    if (core::gate_of(*promotion.policy, check.gate)->blocking) unknown_.insert(rules_.matches.why_not(check.gate));
    keep_earlier(first, Fact{now, core::CheckReported{promotion.id, check.gate, check.attempt, never_answered()}});
  }
  return first;
}

std::optional<Fact> Facts::next_approval(const core::Promotion& promotion, core::Time now) const {
  const auto* waiting = std::get_if<core::AwaitingApproval>(&promotion.phase);
  if (waiting == nullptr) return std::nullopt;
  for (auto number = approvals_given_; number < stored_.approvals.size(); ++number) {
    const auto& given = stored_.approvals[number];
    if (!given.voided.empty()) continue;
    const auto took = given.at - std::min(approvals_asked_, given.at);
    // Whoever stood in for somebody gave what was theirs to give; who is kept away is so under both names.
    const auto& person = given.on_behalf_of.empty() ? given.person : given.on_behalf_of;
    auto aliases = given.aliases;
    if (person != given.person) aliases.push_back(given.person);
    return Fact{std::max(now, std::max(waiting->since, promotion.opened_at) + took),
                core::ApprovalGiven{promotion.id,
                                    promotion.candidate,
                                    promotion.policy->digest,
                                    person,
                                    given.groups,
                                    std::move(aliases),
                                    given.note,
                                    given.condition,
                                    {},
                                    ""}};
  }
  return std::nullopt;
}

// It took as long as then; where nothing was asked for then, no time. What never came then does not come.
std::optional<Fact> Facts::next_acknowledgement(const core::Promotion& promotion, core::Time now) const {
  const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase);
  if (waiting == nullptr || !waiting->acknowledgement || promotion.acknowledgement->given_at) return std::nullopt;
  const auto& then = stored_.acknowledgement;
  if (then && !then->given_at && stored_.deliveries.empty()) return std::nullopt;
  const auto took =
      then && then->given_at ? *then->given_at - std::min(then->asked_at, *then->given_at) : core::Duration::zero();
  return Fact{std::max(now, promotion.acknowledgement->asked_at + took),
              core::EntriesAcknowledged{promotion.id, promotion.acknowledgement->number,
                                        then ? then->entries : std::int64_t{0}}};
}

// A person did then, when there are later answers.
std::optional<Fact> Facts::next_retry(const core::Promotion& promotion, core::Time now) const {
  const auto* held = std::get_if<core::Held>(&promotion.phase);
  const auto* checking = held == nullptr ? nullptr : std::get_if<core::Checking>(&held->from);
  if (checking == nullptr) return std::nullopt;
  std::optional<Fact> first;
  if (checking->stage >= promotion.policy->stages.size()) return std::nullopt;
  for (const auto& gate : promotion.policy->stages[checking->stage].gates) {
    const auto* check = core::newest_check(promotion, gate.name);
    const auto* answer = answer_to(gate.name);
    if (answer == nullptr || check == nullptr || !check->finding || check->finding->verdict == core::Verdict::passed)
      continue;
    keep_earlier(first, Fact{std::max(now, answer->at), core::RetryAsked{promotion.id, "somebody"}});
  }
  return first;
}

// Of whoever decided no groups are kept.
std::vector<std::string> Facts::groups_of(const std::string& person) const {
  if (rules_.people != nullptr)
    if (const auto found = rules_.people->find(person); found != rules_.people->end()) return found->second;
  std::vector<std::string> groups;
  for (const auto& rule : rules_.policy->approvals) groups.push_back(rule.group);
  return groups;
}

std::optional<Fact> Facts::end(const core::Promotion& promotion, core::Time now) const {
  if (!ended_from_outside()) return std::nullopt;
  Fact fact{std::max(now, stored_.changed_at), std::nullopt};
  const auto& digest = promotion.policy->digest;
  if (const auto* rejected = std::get_if<core::Rejected>(&stored_.phase))
    fact.event = core::RejectionGiven{promotion.id, promotion.candidate,     digest,
                                      rejected->by, groups_of(rejected->by), rejected->reason};
  if (const auto* vetoed = std::get_if<core::Vetoed>(&stored_.phase))
    fact.event =
        core::VetoGiven{promotion.id, promotion.candidate, digest, vetoed->by, groups_of(vetoed->by), vetoed->reason};
  return fact;
}

std::optional<Fact> Facts::next(const core::Promotion& promotion, core::Time now) {
  auto first = next_answer(promotion, now);
  keep_earlier(first, next_approval(promotion, now));
  keep_earlier(first, next_retry(promotion, now));
  keep_earlier(first, next_acknowledgement(promotion, now));
  keep_earlier(first, end(promotion, now));
  return first;
}

void Facts::take(const Fact& fact) {
  if (!fact.event) return;
  if (const auto* answer = std::get_if<core::CheckReported>(&*fact.event)) {
    if (answer_to(answer->gate) != nullptr) ++answers_given_[answer->gate];
  } else if (std::holds_alternative<core::ApprovalGiven>(*fact.event)) {
    while (!stored_.approvals[approvals_given_].voided.empty()) ++approvals_given_;
    ++approvals_given_;
  } else if (!std::holds_alternative<core::RetryAsked>(*fact.event) &&
             !std::holds_alternative<core::EntriesAcknowledged>(*fact.event)) {
    end_given_ = true;
  }
}

}  // namespace penstock::engine
