#include "daemon/core/command.hpp"

namespace penstock::core {
namespace {

std::string key_of_place(const char* name, const Place& place) {
  return std::string(name) + "/" + place.lane.model + "/" + place.lane.environment + "/" + place.semaphore + "/" +
         std::to_string(place.number);
}

struct KeyOf {
  std::string operator()(const RunCheck& c) const {
    return "check/" + c.promotion + "/" + c.gate + "/" + std::to_string(c.attempt);
  }
  std::string operator()(const Deliver& c) const {
    return "deliver/" + c.promotion + "/" + c.delivery + "/" + std::to_string(c.round);
  }
  std::string operator()(const SetTimer& c) const { return "timer/" + c.promotion + "/" + c.timer; }
  std::string operator()(const ClearTimer& c) const { return "timer/" + c.promotion + "/" + c.timer; }
  std::string operator()(const CallOff&) const { return {}; }
  std::string operator()(const Notify& c) const {
    return "notify/" + c.lane.model + "/" + c.lane.environment + "/" + std::to_string(c.number);
  }
  std::string operator()(const Follow& c) const { return "follow/" + c.promotion + "/" + c.environment; }
  std::string operator()(const AskAcknowledgement& c) const {
    return "acknowledge/" + c.promotion + "/" + std::to_string(c.number);
  }
  std::string operator()(const LookAt& c) const {
    return "look/" + c.promotion + "/" + c.delivery + "/" + std::to_string(c.number);
  }
  std::string operator()(const AskPlace& c) const { return key_of_place("place/ask", c.place); }
  std::string operator()(const GrantPlace& c) const { return key_of_place("place/grant", c.place); }
  std::string operator()(const ReturnPlace& c) const { return key_of_place("place/return", c.place); }
};

struct NameOf {
  std::string_view operator()(const RunCheck&) const { return "check"; }
  std::string_view operator()(const Deliver&) const { return "deliver"; }
  std::string_view operator()(const SetTimer&) const { return "timer"; }
  std::string_view operator()(const ClearTimer&) const { return "clear_timer"; }
  std::string_view operator()(const CallOff&) const { return "call_off"; }
  std::string_view operator()(const Notify&) const { return "notify"; }
  std::string_view operator()(const Follow&) const { return "follow"; }
  std::string_view operator()(const AskAcknowledgement&) const { return "acknowledge"; }
  std::string_view operator()(const LookAt&) const { return "deliver/look"; }
  std::string_view operator()(const AskPlace&) const { return "place/ask"; }
  std::string_view operator()(const GrantPlace&) const { return "place/grant"; }
  std::string_view operator()(const ReturnPlace&) const { return "place/return"; }
};

}  // namespace

std::string key_of(const Command& command) { return std::visit(KeyOf{}, command); }
std::string_view command_name(const Command& command) { return std::visit(NameOf{}, command); }

}  // namespace penstock::core
