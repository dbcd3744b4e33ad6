// The documents of gate-definitions/ as users write them, declared once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/policy.hpp"
#include "daemon/definitions/written.hpp"

namespace penstock::definitions {

inline constexpr const char* api_version = "penstock/v1";

struct Metadata {
  Written<Name> name;
  static const core::declared::Shape<Metadata>& shape();
};

// kind: Gate — a gate that policies use by its name.
struct GateText {
  static constexpr const char* kind_name = "Gate";
  std::string description;
  Written<std::string> kind;
  Block with;
  bool blocking = core::GateSpec{}.blocking;
  core::Duration deadline = core::GateSpec{}.deadline;
  int attempts = core::GateSpec{}.attempts;
  static const core::declared::Shape<GateText>& shape();
};

// A gate in a stage or in the watch; what is not said here is as the definition says.
struct GateUse {
  Written<Name> use;
  std::optional<Written<Name>> name;
  Block with;
  std::optional<bool> blocking;
  std::optional<core::Duration> deadline;
  std::optional<int> attempts;
  std::optional<core::Duration> max_age;
  static const core::declared::Shape<GateUse>& shape();
};

struct StageText {
  Written<Name> name;
  std::vector<GateUse> gates;
  static const core::declared::Shape<StageText>& shape();
};

struct EscalationText {
  Written<core::Duration> after;
  Written<Name> group;
  static const core::declared::Shape<EscalationText>& shape();
};

struct ApprovalText {
  Written<Name> group;
  Written<int> count{core::ApprovalRule{}.count, {}, {}};
  core::Duration expires = core::ApprovalRule{}.expires;
  Written<std::vector<core::Excluded>> excluded{core::ApprovalRule{}.excluded, {}, {}};
  bool required = core::ApprovalRule{}.required;
  std::optional<Written<core::Duration>> remind;
  std::optional<EscalationText> escalate;
  static const core::declared::Shape<ApprovalText>& shape();
};

struct WindowText {
  std::optional<Written<std::string>> allow;
  std::optional<Written<std::string>> deny;
  std::string timezone = core::Window{}.timezone;
  std::string reason;
  static const core::declared::Shape<WindowText>& shape();
};

struct AfterText {
  Written<Name> environment;
  core::Duration soak = core::AfterSpec{}.soak;
  static const core::declared::Shape<AfterText>& shape();
};

struct DeliveryText {
  std::optional<Written<Name>> name;
  Written<std::string> kind;
  Block with;
  core::Duration deadline = core::DeliverySpec{}.deadline;
  static const core::declared::Shape<DeliveryText>& shape();
};

struct WatchText {
  Written<core::Duration> duration{core::WatchSpec{}.duration, {}, {}};
  Written<core::Duration> every{core::WatchSpec{}.every, {}, {}};
  std::vector<GateUse> gates;
  Written<int> failures{core::WatchSpec{}.failures, {}, {}};
  std::optional<int> of;
  core::OnFailure on_failure = core::WatchSpec{}.on_failure;
  int looks_back() const { return of.value_or(failures.value); }
  static const core::declared::Shape<WatchText>& shape();
};

struct DriftText {
  core::Duration every = core::DriftSpec{}.every;
  bool repair = core::DriftSpec{}.repair;
  static const core::declared::Shape<DriftText>& shape();
};

struct AuditText {
  std::vector<Written<Name>> acknowledged_by;
  core::Duration within = core::AuditSpec{}.within;
  static const core::declared::Shape<AuditText>& shape();
};

struct RollbackText {
  std::vector<StageText> stages;
  std::vector<ApprovalText> approvals;
  static const core::declared::Shape<RollbackText>& shape();
};

struct BreakGlassText {
  Written<Name> group;
  std::vector<Written<Name>> gates;
  std::vector<core::Dispensable> skip;
  core::Duration lasts = core::BreakGlassSpec{}.lasts;
  Written<Name> reviewers;
  core::Duration review = core::BreakGlassSpec{}.review;
  static const core::declared::Shape<BreakGlassText>& shape();
};

// kind: Policy — what one lane, or many alike, demand.
struct PolicyText {
  static constexpr const char* kind_name = "Policy";
  Written<std::string> model;
  Written<Name> environment;
  core::QueueMode queue = core::Policy{}.queue;
  core::Duration queue_for = core::Policy{}.queue_for;
  core::Duration hold_for = core::Policy{}.hold_for;
  std::vector<StageText> stages;
  std::vector<ApprovalText> approvals;
  std::vector<DeliveryText> deliver;
  std::vector<WindowText> windows;
  core::Duration window_jitter = core::Policy{}.window_jitter;
  int most_per_window = core::Policy{}.most_per_window;
  core::Duration window_for = core::Policy{}.window_for;
  std::optional<Written<Name>> semaphore;
  std::optional<AuditText> audit;
  core::QueueOrder order = core::Policy{}.order;
  std::optional<AfterText> after;
  std::optional<WatchText> watch;
  std::optional<DriftText> drift;
  RollbackText rollback;
  std::optional<BreakGlassText> break_glass;
  static const core::declared::Shape<PolicyText>& shape();
};

// Of a Spec that says no other.
template <class Spec>
struct MetadataOf {
  using type = Metadata;
};
template <class Spec>
requires requires { typename Spec::Metadata; }
struct MetadataOf<Spec> {
  using type = typename Spec::Metadata;
};

template <class Spec>
struct Document {
  std::string version;
  std::string kind;
  typename MetadataOf<Spec>::type metadata;
  Spec spec;
  static const core::declared::Shape<Document>& shape() {
    static const auto shape =
        core::declared::Shape<Document>(Spec::kind_name, Spec::shape().description())
            .required("apiVersion", &Document::version, "Which form of the document this is.",
                      {.one_of = {api_version}})
            .required("kind", &Document::kind, "What the document defines.", {.one_of = {Spec::kind_name}})
            .required("metadata", &Document::metadata, "Its name.")
            .required("spec", &Document::spec, "What it says.");
    return shape;
  }
};
using GateDocument = Document<GateText>;
using PolicyDocument = Document<PolicyText>;

}  // namespace penstock::definitions
