// Tells somebody outside of Penstock what the core wants known: a reminder, an alarm.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "daemon/core/command.hpp"
#include "plugins/sdk/outcome.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

struct Notice {
  std::string key;  // of the notice: the same for every endpoint and every try
  core::LaneKey lane;
  core::PromotionId promotion;  // empty: it is about the lane
  core::NoticeKind kind{};
  std::vector<std::string> to;  // "person:ann", "group:release-managers"; empty: whoever reads the endpoint
  std::string text;             // at most 2000 bytes of UTF-8
  core::Time at{};              // when it came up
  std::string href;             // of the promotion in Penstock's API; empty without one
  std::string endpoint;         // who is told this time
  core::Time deadline{};
};

// The other side has it.
struct Told {
  std::string answer;
};
using NoticeOutcome = std::variant<Told, TryLater, Refused>;

// Holds nothing of a call, and is called from many threads. tell() blocks its thread, may be called again with the same
// key and endpoint after a crash, and must let the other side tell that it has it already.
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual NoticeOutcome tell(const Notice& notice, Tools& tools) const = 0;
};

}  // namespace penstock::sdk
