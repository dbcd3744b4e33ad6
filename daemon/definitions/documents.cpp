#include "daemon/definitions/documents.hpp"

namespace penstock::definitions {
namespace {

using core::declared::Bounds;
using core::declared::Shape;

constexpr double second = 1'000;
constexpr double hour = 3'600 * second;
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
      Shape<G>("GateUse", "A gate in a stage. What is not said here is as the gate's definition says.")
          .required("use", &G::use, "The name of a gate's definition.")
          .optional("name", &G::name, "Its name in this policy, `use` when left out. Unique within the policy.")
          .optional("with", &G::with, "Laid over the definition's `with`: a key written here replaces that key whole.")
          .optional("blocking", &G::blocking, "As in the definition.")
          .optional("deadline", &G::deadline, "As in the definition.", check_deadline)
          .optional("attempts", &G::attempts, "As in the definition.", check_attempts);
  return shape;
}

const Shape<StageText>& StageText::shape() {
  static const auto shape =
      Shape<StageText>("Stage", "Gates that judge side by side. Stages follow one after another.")
          .required("name", &StageText::name, "Unique within the policy.")
          .required("gates", &StageText::gates, "At least one.", {.min_length = 1, .max_length = 100});
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
          .optional("not", &A::excluded, "Who may not, even as a member: whoever submitted it, whoever made it.");
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
          .optional("deliver", &P::deliver, "One after another, each confirmed before the next.", {.max_length = 20});
  return shape;
}

}  // namespace penstock::definitions
