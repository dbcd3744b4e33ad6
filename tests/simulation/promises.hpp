// What must hold after every step, by the names under which a failure tells of it.
#pragma once

namespace penstock::simulation::promises {

inline constexpr const char* processed = "an acknowledged event is processed";
inline constexpr const char* once = "each effect happens once";
inline constexpr const char* one_delivers = "at most one promotion delivers per lane";
inline constexpr const char* live = "live implies every condition at that instant";
inline constexpr const char* grows = "the event log only grows";
inline constexpr const char* one_acts = "what is due is carried out by one daemon at a time";
inline constexpr const char* fenced = "who was declared dead writes nothing any more";
inline constexpr const char* ends = "after the faults stop everything ends";

}  // namespace penstock::simulation::promises
