// Emergencies: two people go on without what the policy lists, and the lane owes a review.
#include <algorithm>

#include "daemon/core/broken_glass.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

template <class T>
bool contains(const std::vector<T>& items, const T& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

constexpr Duration remind_of_review_every = std::chrono::hours(24);

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> dispensed_with(const BreakGlassSpec& spec) {
  std::vector<std::string> words;
  for (const auto& gate : spec.gates) words.push_back("gate " + gate);
  for (const auto skip : spec.skips) words.emplace_back(name_of(skip));
  return words;
}

// Where it is, and that its delivery has not begun.
bool can_go_on(const Phase& phase) {
  if (const auto* held = std::get_if<Held>(&phase)) return std::holds_alternative<Checking>(held->from);
  return std::holds_alternative<Checking>(phase) || std::holds_alternative<AwaitingApproval>(phase) ||
         std::holds_alternative<AwaitingWindow>(phase);
}

void add(std::vector<std::string>& people, const std::string& person) {
  if (!contains(people, person)) people.push_back(person);
}

std::string review_timer(const LaneKey& key) { return "review/" + key.model + "/" + key.environment; }

}  // namespace

bool Deciding::is_skipped(const Promotion& promotion, const GateSpec& gate) const {
  return core::is_skipped(promotion, gate, world_, now_);
}

bool Deciding::is_skipped(const Promotion& promotion, Dispensable what) const {
  return core::is_skipped(promotion, what, world_, now_);
}

void Deciding::on(const BreakGlassAsked& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  const auto& spec = promotion->policy->break_glass;
  if (!spec)
    return refuse("not-allowed", "the policy " + promotion->policy->name + " knows no break-glass",
                  "what it demands must be met, or waived");
  if (!contains(event.groups, spec->group))
    return refuse("not-allowed", event.person + " is not in " + spec->group + ", two of which break the glass",
                  "ask two members of " + spec->group);
  if (event.reason.empty())
    return refuse("invalid-request", "breaking the glass needs a reason", "say what the emergency is");
  if (!can_go_on(promotion->phase))
    return refuse("conflict",
                  promotion->id + " is " + std::string(phase_name(promotion->phase)) + ": there is no glass to break",
                  "it can be broken from when it was taken up until its delivery begins");
  auto& glass = promotion->glass;
  const bool asked = glass && now_ < glass->until;
  if (asked && !glass->confirmed_by.empty())
    return ignore(glass->asked_by + " and " + glass->confirmed_by + " have broken the glass already, until " +
                  to_text(glass->until));
  if (asked && glass->asked_by == event.person)
    return ignore(event.person + " has asked for it already; a second member of " + spec->group + " must join by " +
                  to_text(glass->until));
  const auto what = "the glass for version " + promotion->version + " in " + to_text(promotion->lane);
  promotion->changed_at = now_;
  if (promotion->acknowledgement) promotion->acknowledgement->facts = 0;  // here is another decision
  if (!asked) {
    glass = BreakGlass{event.person, "", event.reason, now_, now_ + spec->lasts, {}};
    return tell(promotion->id, NoticeKind::alarm, {"group:" + spec->group},
                event.person + " wants to break " + what + " (" + event.reason + "); a second member of " +
                    spec->group + " must join by " + to_text(glass->until));
  }
  glass->confirmed_by = event.person;
  glass->reason += "; " + event.person + ": " + event.reason;
  glass->until = now_ + spec->lasts;
  auto& review = state().review;
  if (!review)
    review = Review{promotion->id, promotion->version, {}, glass->reason, spec->reviewers, now_, now_ + spec->review};
  add(review->broken_by, glass->asked_by);
  add(review->broken_by, glass->confirmed_by);
  tell(promotion->id, NoticeKind::alarm, {"group:" + spec->group, "group:" + spec->reviewers},
       glass->asked_by + " and " + glass->confirmed_by + " have broken " + what + ": " + glass->reason + ". Until " +
           to_text(glass->until) + " it may be delivered without " + listed(dispensed_with(*spec)) +
           ". The lane takes up nothing more until " + spec->reviewers + " files a review, which is owed by " +
           to_text(review->due));
  command(SetTimer{promotion->id, "glass", glass->until});
  command(SetTimer{"", review_timer(decision_.lane.key), review->due});
  go_on_behind_glass(*promotion);
}

void Deciding::go_on_behind_glass(Promotion& promotion) {
  if (const auto* checking = std::get_if<Checking>(&promotion.phase)) return judge_stage(promotion, checking->stage);
  if (std::holds_alternative<AwaitingApproval>(promotion.phase)) return go_on_when_approved(promotion);
  if (std::holds_alternative<Held>(promotion.phase)) return look_again_at_the_held();
  command(ClearTimer{promotion.id, "window"});
  enter_delivery(promotion);
}

// What it went on without is demanded again.
void Deciding::pass_glass_timer(Promotion& promotion) {
  if (is_early(promotion, "glass", promotion.glass->until)) return;
  reopen_unsatisfied();
  if (!std::holds_alternative<AwaitingWindow>(promotion.phase)) return;
  command(ClearTimer{promotion.id, "window"});
  enter_delivery(promotion);
}

void Deciding::keep_what_was_skipped(Promotion& promotion, const std::string& what) {
  if (promotion.glass) add(promotion.glass->skipped, what);
}

void Deciding::remind_of_review() {
  const auto& review = state().review;
  if (!review) return ignore("no review is owed by this lane");
  const auto timer = review_timer(decision_.lane.key);
  if (now_ < review->due) return command(SetTimer{"", timer, review->due});
  tell(review->promotion, NoticeKind::alarm, {"group:" + review->group},
       "the review of the glass that " + listed(review->broken_by) + " broke for version " + review->version + " in " +
           to_text(decision_.lane.key) + " was owed by " + to_text(review->due) +
           "; the lane takes up nothing until it is filed");
  command(SetTimer{"", timer, now_ + remind_of_review_every});
}

void Deciding::on(const ReviewFiled& event) {
  auto& review = state().review;
  if (!review) return ignore("no review is owed by " + to_text(decision_.lane.key));
  if (contains(review->broken_by, event.person))
    return refuse("not-allowed", event.person + " broke the glass", "somebody else must review it");
  if (!contains(event.groups, review->group))
    return refuse("not-allowed", event.person + " is not in " + review->group + ", who review it",
                  "ask a member of " + review->group);
  if (event.text.empty())
    return refuse("invalid-request", "a review says what was found", "say what happened, and what follows from it");
  tell(review->promotion, NoticeKind::alarm,
       {"person:" + review->broken_by.front(), "person:" + review->broken_by.back()},
       event.person + " has reviewed the glass broken for version " + review->version + " in " +
           to_text(decision_.lane.key) + ": " + event.text);
  review.reset();
  take_up_next();
}

}  // namespace penstock::core
