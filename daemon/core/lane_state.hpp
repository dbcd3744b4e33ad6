// What belongs to a lane and to none of its promotions. Journalled with the lane, as a document of its own.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/break_glass.hpp"
#include "daemon/core/delegation.hpp"
#include "daemon/core/place.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// This candidate never in this lane.
struct Veto {
  CandidateId candidate;
  std::string by;
  std::string reason;
  Time at{};
  bool operator==(const Veto&) const = default;
};

// The lane takes up nothing by itself until somebody releases it.
struct Pin {
  std::string by;
  std::string reason;
  Time since{};
  bool operator==(const Pin&) const = default;
};

// A candidate that was live and was replaced: where a rollback can go back to.
struct FormerLive {
  PromotionId promotion;
  CandidateId candidate;
  std::string version;
  Time since{};
  bool operator==(const FormerLive&) const = default;
};

// A named person's permission to go on although a gate, or one rule of it, is not passed.
struct Waiver {
  std::string id;    // "wvr_…"
  std::string gate;  // the gate's name
  std::string rule;  // one rule of the gate's findings; empty: the whole gate
  // For one candidate, or for those whose version matches a pattern; one of the two is given.
  CandidateId candidate;
  std::string versions;
  std::string reason;
  std::string control;  // what is done instead, to keep the risk small
  std::string requester;
  std::string granter;  // empty until somebody else has granted it
  Time asked_at{};
  Time ends{};
  int used = 0;  // promotions that went on by it
  bool operator==(const Waiver&) const = default;
};

// Nothing is delivered to the lanes it names until a person lifts it; rollbacks are.
struct Stop {
  std::string id;           // "stp_…"
  std::string model = "*";  // a glob
  std::string environment = "*";
  std::string by;
  std::string reason;
  Time since{};
  bool operator==(const Stop&) const = default;
};

// The lane that is no model's: what holds for all lanes is kept in its state.
inline const LaneKey every_lane{"*", "*"};

struct LaneState {
  std::vector<Veto> vetoes;
  std::optional<Pin> pin;
  std::vector<FormerLive> former;  // newest first, at most `most_former`
  std::vector<Waiver> waivers;     // asked for or granted, and not over
  std::vector<Stop> stops;         // of every_lane only
  std::vector<Time> began;         // when deliveries began, newest last; at most `most_began`
  std::optional<Review> review{};
  std::vector<Delegation> delegations{};  // of every_lane only
  int notices = 0;                        // how many notices were asked for: numbers them
  // Asked for or held: the lane's own; those of all lanes, in the order of asking, in every_lane.
  std::vector<Place> places{};
  int asked = 0;  // how many places the lane has asked for: numbers them
  bool operator==(const LaneState&) const = default;

  static constexpr std::size_t most_former = 10;
  static constexpr std::size_t most_began = 100;
};

nlohmann::json to_json(const Waiver& waiver);
// Of what to_json() wrote; throws for anything else, inside a reader of stored documents.
Waiver waiver_from_json(const nlohmann::json& document);
nlohmann::json to_json(const Stop& stop);
nlohmann::json to_json(const LaneState& state);
// Problem "journal-damaged" for anything that to_json() did not write.
Result<LaneState> lane_state_from_json(const std::string& document);

}  // namespace penstock::core
