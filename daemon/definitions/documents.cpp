#include "daemon/definitions/documents.hpp"

namespace penstock::definitions {
namespace {

using core::declared::Bounds;
using core::declared::Shape;

constexpr double second = 1'000;
constexpr double minute = 60 * second;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;

const Bounds check_deadline{.minimum = 100, .maximum = day};
const Bounds check_attempts{.minimum = 1, .maximum = 20};
const Bounds human_wait{.minimum = second, .maximum = 365 * day};

}  // namespace

const Shape<Metadata>& Metadata::shape() {
  static const auto shape = Shape<Metadata>("Metadata", "What the document is called.")
                                .required("name", &Metadata::name, "Unique among the documents of this kind.");
  return shape;
}

const Shape<GateText>& GateText::shape() {
  using G = GateText;
  static const auto shape =
      Shape<G>("GateSpec", "A gate that policies use by its name.")
          .optional("description", &G::description, "What it is for, in a sentence.", {.max_length = 2000})
          .required("kind", &G::kind, "Which kind of gate judges; see the kinds below.")
          .optional("with", &G::with, "What the kind is told; a stage may say more, or otherwise, key by key.")
          .optional("blocking", &G::blocking, "Whether its failure stops a promotion; otherwise it is recorded only.")
          .optional("deadline", &G::deadline, "For one attempt.", check_deadline)
          .optional("attempts", &G::attempts, "How often it is tried in all when it could not find out.",
                    check_attempts);
  return shape;
}

const Shape<GateUse>& GateUse::shape() {
  using G = GateUse;
  static const auto shape =
      Shape<G>("GateUse", "A gate in a stage or in the watch. What is not said here is as the gate's definition says.")
          .required("use", &G::use, "The name of a gate's definition.")
          .optional("name", &G::name, "Its name in this policy, `use` when left out. Unique within the policy.")
          .optional("with", &G::with, "Laid over the definition's `with`: a key written here replaces that key whole.")
          .optional("blocking", &G::blocking, "As in the definition.")
          .optional("deadline", &G::deadline, "As in the definition.", check_deadline)
          .optional("attempts", &G::attempts, "As in the definition.", check_attempts)
          .optional("max_age", &G::max_age, "An answer older than this is asked for again before delivery.",
                    {.minimum = minute, .maximum = 365 * day});
  return shape;
}

const Shape<StageText>& StageText::shape() {
  static const auto shape =
      Shape<StageText>("Stage", "Gates that judge side by side. Stages follow one after another.")
          .required("name", &StageText::name, "Unique within the policy.")
          .required("gates", &StageText::gates, "At least one.", {.min_length = 1, .max_length = 100});
  return shape;
}

const Shape<EscalationText>& EscalationText::shape() {
  using E = EscalationText;
  static const auto shape = Shape<E>("Escalation", "Who may answer as well when the group has not done so in time.")
                                .required("after", &E::after, "How long only the group itself is asked.", human_wait)
                                .required("group", &E::group, "Whose members may approve as well from then on.");
  return shape;
}

const Shape<ApprovalText>& ApprovalText::shape() {
  using A = ApprovalText;
  static const auto shape =
      Shape<A>("Approval", "People who must say yes.")
          .required("group", &A::group, "Whose members may approve.")
          .optional("count", &A::count, "How many of them must.", {.minimum = 1, .maximum = 50})
          .optional("expires", &A::expires, "How long their answer is waited for; then the promotion expires.",
                    human_wait)
          .optional("not", &A::excluded,
                    "Who may not, even as a member: whoever submitted the candidate, whoever made it, and whoever "
                    "edited this "
                    "policy last, which is known when the definitions lie in a git work tree.")
          .optional("required", &A::required, "Otherwise an approval is recorded, and none is waited for.")
          .optional("remind", &A::remind, "How often the group is reminded until enough have answered.",
                    {.minimum = minute, .maximum = 365 * day})
          .optional("escalate", &A::escalate, "Who may answer as well after a time.");
  return shape;
}

const Shape<WindowText>& WindowText::shape() {
  using W = WindowText;
  static const auto shape =
      Shape<W>("Window", "When deliveries may begin (`allow`), or may not (`deny`): one of the two.")
          .optional("allow", &W::allow, "Such as `MON-FRI 09:00 - 17:00` or `2026-12-01 - 2026-12-20`.",
                    {.max_length = 100})
          .optional("deny", &W::deny, "Such as `FRI 16:00 - MON 08:00` or `12-20 - 01-05`.", {.max_length = 100})
          .optional("timezone", &W::timezone, "A name of the IANA time zone database.", {.max_length = 64})
          .optional("reason", &W::reason, "Told to whoever waits.", {.max_length = 500});
  return shape;
}

const Shape<AfterText>& AfterText::shape() {
  using A = AfterText;
  static const auto shape = Shape<A>("After", "The environment that comes before this one.")
                                .required("environment", &A::environment, "Where a candidate must be live first.")
                                .optional("soak", &A::soak, "For how long, without a break.", {.maximum = 90 * day});
  return shape;
}

const Shape<DeliveryText>& DeliveryText::shape() {
  using D = DeliveryText;
  static const auto shape =
      Shape<D>("Delivery", "One act that makes a candidate live.")
          .optional("name", &D::name, "Unique within the policy; the kind when left out.")
          .required("kind", &D::kind, "Which kind of delivery acts; see the kinds below.")
          .optional("with", &D::with, "What the kind is told.")
          .optional("deadline", &D::deadline, "Until it must be confirmed, repeated tries included.",
                    {.minimum = second, .maximum = 30 * day});
  return shape;
}

const Shape<WatchText>& WatchText::shape() {
  using W = WatchText;
  static const auto shape =
      Shape<W>("Watch", "Gates that look again and again at what is newly live.")
          .optional("for", &W::duration, "How long it is looked at. A candidate that is replaced is looked at no more.",
                    {.minimum = 10 * second, .maximum = 90 * day})
          .optional("every", &W::every, "From one look to the next.", {.minimum = 10 * second, .maximum = 30 * day})
          .required("gates", &W::gates, "All of them at each look. A look fails when one that is blocking fails.",
                    {.min_length = 1, .max_length = 20})
          .optional("failures", &W::failures, "So many looks must have failed before anything is done.",
                    {.minimum = 1, .maximum = 100})
          .optional("of", &W::of, "Among so many last looks; as many as `failures` when left out, so all in a row.",
                    {.minimum = 1, .maximum = 100})
          .optional("on_failure", &W::on_failure,
                    "Then: `alarm` tells people, `roll-back` goes back to what was live before as well. A look that "
                    "could not find out never goes back; it is told.");
  return shape;
}

const Shape<DriftText>& DriftText::shape() {
  using D = DriftText;
  static const auto shape =
      Shape<D>("Drift", "Looking whether what was delivered is still there, as long as it is live.")
          .optional("every", &D::every, "From one look to the next.", {.minimum = 10 * second, .maximum = 30 * day})
          .optional(
              "repair", &D::repair,
              "Whether what somebody else has changed is delivered again, unless a stop holds deliveries back. It "
              "is told in any case.");
  return shape;
}

const Shape<AuditText>& AuditText::shape() {
  using A = AuditText;
  static const auto shape =
      Shape<A>("AuditAcknowledgement", "Who must have the audit log's entries before deliveries begin.")
          .required("acknowledged_by", &A::acknowledged_by,
                    "Sinks and witnesses of `audit` in penstock.yaml: each of them must have acknowledged every entry "
                    "about the promotion. Rollbacks do not wait for it.",
                    {.min_length = 1, .max_length = 16})
          .optional("within", &A::within, "How long that is waited for; then the promotion is held.",
                    {.minimum = minute, .maximum = 30 * day});
  return shape;
}

const Shape<RollbackText>& RollbackText::shape() {
  using R = RollbackText;
  static const auto shape =
      Shape<R>("Rollback", "What going back to an earlier candidate demands; nothing when left out.")
          .optional("stages", &R::stages, "Short ones: the earlier candidate has passed the policy's own before.",
                    {.max_length = 10})
          .optional("approvals", &R::approvals, "Everything else waits for these people when there is need to hurry.",
                    {.max_length = 20});
  return shape;
}

const Shape<BreakGlassText>& BreakGlassText::shape() {
  using B = BreakGlassText;
  static const auto shape =
      Shape<B>("BreakGlass", "What two people may go without in an emergency. The lane then owes a review.")
          .required("group", &B::group, "Two of its members break the glass, each with a reason.")
          .optional("gates", &B::gates,
                    "Gates of the stages that are not waited for. None whose kind proves integrity, and nothing that a "
                    "gate has found and that may never be waived.",
                    {.max_length = 100})
          .optional("skip", &B::skip, "What else is not waited for.", {.max_length = 5})
          .optional("for", &B::lasts,
                    "How long the second person has to join the first, and how long it then holds: a delivery that has "
                    "not begun by then waits for everything again.",
                    {.minimum = minute, .maximum = day})
          .required("reviewers", &B::reviewers,
                    "The group one of whose members files the review: nobody who broke the glass. Until then the lane "
                    "takes up nothing more; going back is possible.")
          .optional("review_within", &B::review, "By when it is owed; then an alarm tells of it every day.",
                    {.minimum = hour, .maximum = 90 * day});
  return shape;
}

const Shape<PolicyText>& PolicyText::shape() {
  using P = PolicyText;
  static const auto shape =
      Shape<P>("PolicySpec", "What the lanes it covers demand of a candidate.")
          .required(
              "model", &P::model,
              "Which models: a name, or a pattern in which `*` stands for any characters and `?` for one. Of several "
              "policies for an environment the most specific one counts.",
              {.min_length = 1, .max_length = 255})
          .required("environment", &P::environment, "Where they are promoted to.")
          .optional("queue", &P::queue,
                    "What happens to candidates that wait when a newer one comes: `queue` takes one after another, "
                    "`supersede-waiting` drops those not taken up yet, `cancel-running` the one under way as well.")
          .optional("queue_for", &P::queue_for, "How long a candidate may wait to be taken up; then it expires.",
                    human_wait)
          .optional("hold_for", &P::hold_for, "How long a held promotion waits for a person; then it expires.",
                    human_wait)
          .optional("stages", &P::stages, "One after another.", {.max_length = 50})
          .optional("approvals", &P::approvals, "All of them, after the last stage has passed.", {.max_length = 20})
          .optional("deliver", &P::deliver, "One after another, each confirmed before the next.", {.max_length = 20})
          .optional("windows", &P::windows, "When deliveries may begin; always when there are none.",
                    {.max_length = 50})
          .optional("window_jitter", &P::window_jitter,
                    "What waited for a window to open begins within this time, so that not all lanes go at once.",
                    {.maximum = day})
          .optional("most_per_window", &P::most_per_window,
                    "Deliveries that may begin in one window; 0 for any number.", {.minimum = 0, .maximum = 1000})
          .optional("window_for", &P::window_for, "How long a window is waited for; then the promotion expires.",
                    human_wait)
          .optional("semaphore", &P::semaphore,
                    "One of the `semaphores` of penstock.yaml: of all lanes that name it, only so many promote at "
                    "once, from the beginning of the deliveries to the end of the watch. The others wait in the order "
                    "of asking, for `window_for` at most; rollbacks do not.")
          .optional("audit", &P::audit,
                    "Who must keep the audit log elsewhere before anything is delivered; nobody when left out.")
          .optional("order", &P::order, "Which of several candidates that wait is taken up next.")
          .optional("after", &P::after, "Candidates come from another environment when they have been live there.")
          .optional("watch", &P::watch, "How what is newly live is looked at.")
          .optional("drift", &P::drift, "Whether what was delivered is still there. Not looked at when left out.")
          .optional("rollback", &P::rollback, "What the way back demands; its deliveries are those of `deliver`.")
          .optional("break_glass", &P::break_glass, "What can be gone without in an emergency; nothing when left out.");
  return shape;
}

}  // namespace penstock::definitions
