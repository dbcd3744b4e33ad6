// Commands to and from the form that the journal keeps.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/core/stored.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

// What a command of each kind has besides its name.
struct Members {
  JsonObject& object;

  void operator()(const RunCheck& command) const {
    object.with("promotion", command.promotion)
        .with("gate", command.gate)
        .with("attempt", command.attempt)
        .with("due", number_of(command.due))
        .with("deadline", number_of(command.deadline));
  }
  void operator()(const Deliver& command) const {
    object.with("promotion", command.promotion)
        .with("delivery", command.delivery)
        .with("round", command.round)
        .with("deadline", number_of(command.deadline));
  }
  void operator()(const Follow& command) const {
    object.with("promotion", command.promotion).with("environment", command.environment);
  }
  void operator()(const LookAt& command) const {
    object.with("promotion", command.promotion)
        .with("delivery", command.delivery)
        .with("number", command.number)
        .with("due", number_of(command.due));
  }
  void operator()(const AskAcknowledgement& command) const {
    object.with("promotion", command.promotion).with("number", command.number);
  }
  void operator()(const AskPlace& command) const { object.with_document("place", to_json(command.place)); }
  void operator()(const GrantPlace& command) const { object.with_document("place", to_json(command.place)); }
  void operator()(const ReturnPlace& command) const { object.with_document("place", to_json(command.place)); }
  void operator()(const Notify& command) const {
    object.with("model", command.lane.model)
        .with("environment", command.lane.environment)
        .with("number", command.number)
        .with("promotion", command.promotion)
        .with("kind", name_of(command.kind))
        .with_document("to", json(command.to))
        .with("text", command.text);
  }
  void operator()(const SetTimer& command) const {
    object.with("promotion", command.promotion).with("timer", command.timer).with("due", number_of(command.due));
  }
  // These are not carried out later, and so not kept.
  void operator()(const ClearTimer&) const {}
  void operator()(const CallOff&) const {}
};

}  // namespace

std::string encode(const Command& command) {
  std::string text;
  JsonObject object(text);
  object.with("command", command_name(command));
  std::visit(Members{object}, command);
  object.end();
  return text;
}

Result<Command> decode_command(const std::string& text) {
  return guarded(text, "command", [](const json& d) -> Command {
    const auto name = d.at("command").get<std::string>();
    if (name == "check")
      return RunCheck{d.at("promotion"), d.at("gate"), d.at("attempt"), time_at(d, "due"), time_at(d, "deadline")};
    if (name == "deliver") return Deliver{d.at("promotion"), d.at("delivery"), d.at("round"), time_at(d, "deadline")};
    if (name == "follow") return Follow{d.at("promotion"), d.at("environment")};
    if (name == "deliver/look") return LookAt{d.at("promotion"), d.at("delivery"), d.at("number"), time_at(d, "due")};
    if (name == "acknowledge") return AskAcknowledgement{d.at("promotion"), d.at("number")};
    if (name == "place/ask") return AskPlace{place_from_json(d.at("place"))};
    if (name == "place/grant") return GrantPlace{place_from_json(d.at("place"))};
    if (name == "place/return") return ReturnPlace{place_from_json(d.at("place"))};
    if (name == "notify")
      return Notify{{d.at("model"), d.at("environment")},
                    d.at("number"),
                    d.at("promotion"),
                    value_of<NoticeKind>(d.at("kind").get<std::string>()).value(),
                    d.at("to"),
                    d.at("text")};
    if (name == "timer") return SetTimer{d.at("promotion"), d.at("timer"), time_at(d, "due")};
    throw ProblemError({"journal-damaged", "unknown command `" + name + "`", "", "", false});
  });
}

}  // namespace penstock::core
