// Makes cases up: policies, people, and what happens, sensible and senseless.
#pragma once

#include "tests/chance.hpp"
#include "tests/property/play.hpp"

namespace penstock::property {

using tests::Chance;

inline constexpr const char* all_people[] = {"ann", "bob", "cem", "dora", "eve", "fay"};
inline constexpr const char* all_groups[] = {"managers", "infosec", "directors"};

// Everything but the steps.
Case invented_setting(std::uint64_t seed, Chance& chance);

// The next thing that happens to what is being played.
class Inventor {
 public:
  Inventor(const Case& the_case, const Play& play, Chance& chance)
      : case_(the_case), play_(play), chance_(chance), candidates_(2 + chance.below(4)) {}
  Step next();

 private:
  Time a_time();
  Step a_row_is_answered();
  EffectSeen a_look(const LookAt& look);
  Event an_answer(const Row& row);
  Event an_answer_to_nothing();
  Event an_approval();
  Event a_candidate();
  Event a_decision();
  Event a_fact_about_the_lane();
  Event an_emergency();
  Event something_about_places();
  Event a_waiver_asked();
  Event a_waiver_decided();
  bool waivers_matter();
  bool emergency_matters();
  Finding a_finding();
  const Promotion* a_promotion();
  template <class Phase>
  const Promotion* one_in();
  std::string a_person();
  char a_letter() { return static_cast<char>('a' + static_cast<int>(chance_.below(candidates_))); }
  std::vector<std::string> groups_of(const std::string& person);
  PromotionId a_fresh_id() { return "p" + std::to_string(++opened_); }

  const Case& case_;
  const Play& play_;
  Chance& chance_;
  std::size_t candidates_;  // fewer come back more often
  int opened_ = 0;
  int waivers_ = 0;
  int places_ = 0;
  std::vector<Event> earlier_;  // some of them happen again
  Digest seen_findings_;
};

}  // namespace penstock::property
