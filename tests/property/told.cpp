// Cases as people read them.
#include <nlohmann/json.hpp>

#include "tests/core/story.hpp"
#include "tests/property/play.hpp"

namespace penstock::property {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return "[" + text + "]";
}

// Candidates are named by letters; other digests say nothing to anybody.
std::string told(const Digest& digest) {
  if (digest.empty()) return "none";
  for (char letter = 'a'; letter <= 'z'; ++letter)
    if (digest == candidate_of(letter)) return std::string("candidate ") + letter;
  return digest.brief();
}

std::string told(const Finding& finding) {
  auto text = std::string(name_of(finding.verdict)) + " (" + finding.observed + ")";
  for (const auto& detail : finding.details)
    text += " " + detail.rule + " " + std::string(name_of(detail.verdict)) +
            (detail.never_waivable ? ", never waivable" : "");
  return text;
}

std::string by(const std::string& person, const std::vector<std::string>& groups) {
  return " by " + person + " " + joined(groups);
}

struct Told {
  bool for_what_is_there;

  std::string operator()(const CandidateSeen& e) const {
    return told(e.candidate) + " as " + e.promotion + ", submitted by " + e.submitter + ", made by " +
           joined(e.authors);
  }
  std::string operator()(const CheckReported& e) const {
    return e.promotion + " " + e.gate + " attempt " + std::to_string(e.attempt) + ": " + told(e.finding);
  }
  std::string operator()(const ApprovalGiven& e) const {
    return e.promotion + by(e.person, e.groups) + ", also known as " + joined(e.aliases) + ", for " +
           told(e.candidate) + ", policy " + e.policy.brief() + ", findings " +
           (for_what_is_there ? "as they are there" : told(e.findings));
  }
  std::string operator()(const RejectionGiven& e) const { return e.promotion + by(e.person, e.groups); }
  std::string operator()(const ApprovalWithdrawn& e) const { return e.promotion + " by " + e.person; }
  std::string operator()(const VetoGiven& e) const {
    return e.promotion + by(e.person, e.groups) + ", " + told(e.candidate);
  }
  std::string operator()(const DeliverySent& e) const { return delivery(e); }
  std::string operator()(const DeliveryConfirmed& e) const { return delivery(e); }
  std::string operator()(const DeliveryRefused& e) const { return delivery(e); }
  std::string operator()(const RetryAsked& e) const { return e.promotion + " by " + e.person; }
  std::string operator()(const WithdrawalAsked& e) const { return e.promotion + " by " + e.person; }
  std::string operator()(const DeadlinePassed& e) const { return e.promotion + " `" + e.timer + "`"; }
  std::string operator()(const PinSet& e) const { return "by " + e.person; }
  std::string operator()(const PinReleased& e) const { return "by " + e.person; }
  std::string operator()(const RollbackAsked& e) const {
    return "as " + e.promotion + by(e.person, e.groups) + " to " + told(e.candidate);
  }
  std::string operator()(const WaiverAsked& e) const { return to_json(e.waiver).dump(); }
  std::string operator()(const WaiverGranted& e) const { return e.waiver + by(e.person, e.groups); }
  std::string operator()(const WaiverRevoked& e) const { return e.waiver + " by " + e.person; }
  std::string operator()(const BreakGlassAsked& e) const { return e.promotion + by(e.person, e.groups); }
  std::string operator()(const ReviewFiled& e) const { return by(e.person, e.groups); }
  std::string operator()(const DelegationGiven& e) const { return to_json(e.delegation).dump(); }
  std::string operator()(const DelegationEnded& e) const { return e.delegation + " by " + e.person; }
  std::string operator()(const StopSet& e) const { return e.stop.id + " by " + e.stop.by; }
  std::string operator()(const StopLifted& e) const { return e.stop + " by " + e.person; }
  std::string operator()(const PlaceAsked& e) const { return to_json(e.place).dump(); }
  std::string operator()(const PlaceGranted& e) const { return to_json(e.place).dump(); }
  std::string operator()(const PlaceReturned& e) const { return to_json(e.place).dump(); }
  std::string operator()(const LimitsChanged&) const { return ""; }
  std::string operator()(const FollowersChanged&) const { return ""; }
  std::string operator()(const EntriesAcknowledged& e) const {
    return e.promotion + " number " + std::to_string(e.number);
  }
  std::string operator()(const EffectSeen& e) const {
    return e.promotion + " " + e.delivery + " look " + std::to_string(e.number) + ": " +
           std::string(name_of(e.effect)) + " (" + e.observed + ")";
  }

 private:
  template <class Answer>
  static std::string delivery(const Answer& e) {
    return e.promotion + " " + e.delivery + " round " + std::to_string(e.round);
  }
};

std::string outcome_of(const Step& step, const Play& after) {
  auto text = property::told(step) + "\n      -> " + property::told(after.lane());
  if (!after.answer().empty()) text += "; " + after.answer();
  return text + "\n";
}

}  // namespace

Digest digest_of_text(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::string hex(64, '0');
  for (std::size_t i = 0; i < hex.size(); ++i) hex[i] = digits[(hash >> (i % 16 * 4)) & 15];
  return Digest::from_hex(std::move(hex));
}

Digest candidate_of(char letter) { return tests::digest_of(letter); }

std::string told(const Step& step) {
  auto text = to_text(step.at) + "  ";
  if (const auto* moved = std::get_if<PersonMoved>(&step.what))
    return text + moved->person +
           (moved->groups ? " is in " + joined(*moved->groups) + " now" : " is not known any more");
  if (const auto* reloaded = std::get_if<PolicyReloaded>(&step.what))
    return text + "policy " + std::to_string(reloaded->policy + 1) + " covers the lane from now on";
  const auto& event = std::get<Event>(step.what);
  return text + std::string(event_name(event)) + "  " + std::visit(Told{step.for_what_is_there}, event);
}

std::string told(const Lane& lane) {
  std::string text;
  for (const auto& promotion : lane.promotions)
    text += (text.empty() ? "" : ", ") + promotion.id + " " + std::string(phase_name(promotion.phase));
  if (text.empty()) text = "nothing in the lane";
  return text + (lane.state.pin ? "; held by " + lane.state.pin->by : "") +
         (lane.state.review ? "; owes a review" : "");
}

std::string story_of(const Case& the_case) {
  std::string text;
  for (std::size_t n = 0; n < the_case.policies.size(); ++n) {
    const bool comes = std::any_of(the_case.steps.begin(), the_case.steps.end(), [&](const Step& step) {
      const auto* reloaded = std::get_if<PolicyReloaded>(&step.what);
      return reloaded != nullptr && reloaded->policy == n;
    });
    if (n > 0 && !comes) continue;
    text += "policy " + std::to_string(n + 1) + " (" + the_case.policies[n]->digest.brief() +
            "): " + to_json(*the_case.policies[n]).dump(2) + "\n";
  }
  text += the_case.people_are_known ? "people:" : "people (of whom the core is told nothing):";
  for (const auto& [person, groups] : the_case.people) text += " " + person + " " + joined(groups);
  text += "\n";
  Play play(the_case);
  int number = 0;
  for (const auto& step : the_case.steps) {
    const auto failure = play.happens(step);
    const auto line = std::to_string(++number) + ".";
    text += line + std::string(6 - std::min<std::size_t>(line.size(), 5), ' ');
    if (failure) return text + told(step) + "\n      -> this breaks it\n";
    text += outcome_of(step, play);
  }
  text += "then it is left to itself:\n";
  std::vector<std::string> lines;
  play.on_step = [&](const Step& step) { lines.push_back("      " + outcome_of(step, play)); };
  if (play.is_left_to_itself()) lines.push_back("      -> this breaks it\n");
  constexpr std::size_t shown = 15;  // at the beginning, and at the end
  for (std::size_t n = 0; n < lines.size(); ++n) {
    if (n == shown && lines.size() > 2 * shown) {
      text += "      … " + std::to_string(lines.size() - 2 * shown) + " more …\n";
      n = lines.size() - shown;
    }
    text += lines[n];
  }
  return text;
}

}  // namespace penstock::property
