// Commands to and from the form that the journal keeps.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/core/stored.hpp"

namespace penstock::core {
namespace {
using nlohmann::json;
}

std::string encode(const Command& command) {
  json document{{"command", command_name(command)}};
  if (const auto* check = std::get_if<RunCheck>(&command)) {
    document.update({{"promotion", check->promotion},
                     {"gate", check->gate},
                     {"attempt", check->attempt},
                     {"due", number_of(check->due)},
                     {"deadline", number_of(check->deadline)}});
  } else if (const auto* deliver = std::get_if<Deliver>(&command)) {
    document.update({{"promotion", deliver->promotion},
                     {"delivery", deliver->delivery},
                     {"round", deliver->round},
                     {"deadline", number_of(deliver->deadline)}});
  } else if (const auto* follow = std::get_if<Follow>(&command)) {
    document.update({{"promotion", follow->promotion}, {"environment", follow->environment}});
  } else if (const auto* look = std::get_if<LookAt>(&command)) {
    document.update({{"promotion", look->promotion},
                     {"delivery", look->delivery},
                     {"number", look->number},
                     {"due", number_of(look->due)}});
  } else if (const auto* wanted = std::get_if<AskAcknowledgement>(&command)) {
    document.update({{"promotion", wanted->promotion}, {"number", wanted->number}});
  } else if (const auto* ask = std::get_if<AskPlace>(&command)) {
    document["place"] = to_json(ask->place);
  } else if (const auto* grant = std::get_if<GrantPlace>(&command)) {
    document["place"] = to_json(grant->place);
  } else if (const auto* back = std::get_if<ReturnPlace>(&command)) {
    document["place"] = to_json(back->place);
  } else if (const auto* notice = std::get_if<Notify>(&command)) {
    document.update({{"model", notice->lane.model},
                     {"environment", notice->lane.environment},
                     {"number", notice->number},
                     {"promotion", notice->promotion},
                     {"kind", name_of(notice->kind)},
                     {"to", notice->to},
                     {"text", notice->text}});
  } else if (const auto* timer = std::get_if<SetTimer>(&command)) {
    document.update({{"promotion", timer->promotion}, {"timer", timer->timer}, {"due", number_of(timer->due)}});
  }
  return json_text(document);
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
