// What was found, given and done while a stored promotion was under way, one fact after another.
#pragma once

#include <set>

#include "daemon/engine/replay.hpp"

namespace penstock::engine {

struct Fact {
  core::Time at{};
  // Nothing: the promotion ended then, by what is taken as it was.
  std::optional<core::Event> event{};
};

class Facts {
 public:
  Facts(const core::Promotion& stored, const ReplayRules& rules);

  const core::Promotion& stored() const { return stored_; }
  core::Event opening() const;
  // By which it went on then.
  std::vector<core::Waiver> waivers() const;
  // The earliest that `promotion`, as it stands `now`, can be told; nothing when there is no more.
  std::optional<Fact> next(const core::Promotion& promotion, core::Time now);
  // It has been told: next() gives another one.
  void take(const Fact& fact);
  // Blocking gates that were asked and of which no answer is known, and why. They were answered as inconclusive, never
  // to be waived, so that nothing goes on by them.
  const std::set<std::string>& unknown() const { return unknown_; }

 private:
  std::optional<Fact> next_answer(const core::Promotion& promotion, core::Time now);
  std::optional<Fact> next_approval(const core::Promotion& promotion, core::Time now) const;
  std::optional<Fact> next_acknowledgement(const core::Promotion& promotion, core::Time now) const;
  std::optional<Fact> next_retry(const core::Promotion& promotion, core::Time now) const;
  std::optional<Fact> end(const core::Promotion& promotion, core::Time now) const;
  // The first answer to the gate that was not given yet.
  const core::Finding* answer_to(const std::string& gate) const;
  std::vector<std::string> groups_of(const std::string& person) const;
  bool ended_from_outside() const;

  const core::Promotion& stored_;
  const ReplayRules& rules_;
  std::map<std::string, std::vector<const core::Finding*>> answers_;  // by the gate's name then, in order
  std::map<std::string, std::size_t> answers_given_;                  // by the gate's name now
  std::size_t approvals_given_ = 0;
  core::Time approvals_asked_{};
  bool end_given_ = false;
  std::set<std::string> unknown_;
};

}  // namespace penstock::engine
