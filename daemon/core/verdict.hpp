// A gate's answer, and what Penstock makes of it.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

enum class Verdict {
  passed,        // the gate looked and the requirement is met
  failed,        // the gate looked and the requirement is not met
  inconclusive,  // the gate looked and cannot say; never a pass
  errored,       // Penstock could not find out: crash, deadline, peer away; never a pass
  waived,        // a named person set it aside, with reason and expiry
};

template <>
struct EnumNames<Verdict> {
  static constexpr std::array<std::pair<Verdict, const char*>, 5> names{{{Verdict::passed, "passed"},
                                                                         {Verdict::failed, "failed"},
                                                                         {Verdict::inconclusive, "inconclusive"},
                                                                         {Verdict::errored, "errored"},
                                                                         {Verdict::waived, "waived"}}};
};

// One rule that a gate looked at: "column age: minimum".
struct Detail {
  std::string rule;   // stable id, for waivers and reports: "age/minimum", "pickle/global-not-allowed"
  Verdict verdict{};  // passed, failed or inconclusive
  std::string observed;
  std::string needed;
  std::string where;            // file, archive member, byte offset, row numbers, URL
  bool never_waivable = false;  // nobody may set this rule aside
  bool operator==(const Detail&) const = default;
};

// A document behind a finding, kept by digest.
struct EvidenceRef {
  std::string name;        // "violations.json"
  std::string media_type;  // "application/json"
  Digest digest;
  std::uint64_t size = 0;  // bytes
  bool operator==(const EvidenceRef&) const = default;
};

// A gate's answer as a whole: what was observed, what was needed, from where, when, and what to do next.
struct Finding {
  Verdict verdict{};
  std::string observed;
  std::string needed;
  std::string source;
  Time at{};
  std::string next;             // empty when passed
  std::vector<Detail> details;  // bounded by the gate; the whole list is evidence
  std::vector<EvidenceRef> evidence;
  bool operator==(const Finding&) const = default;
};

nlohmann::json to_json(const Finding& finding);
Result<Finding> finding_from_json(const nlohmann::json& document);

}  // namespace penstock::core
