#include "tests/property/outbox.hpp"

namespace penstock::property {
namespace {

// The key of the row that an event answers; empty when it answers none.
struct AnsweredKey {
  std::string operator()(const CheckReported& e) const {
    return key_of(RunCheck{e.promotion, e.gate, e.attempt, {}, {}});
  }
  std::string operator()(const DeliverySent& e) const { return of(e); }
  std::string operator()(const DeliveryConfirmed& e) const { return of(e); }
  std::string operator()(const DeliveryRefused& e) const { return of(e); }
  std::string operator()(const DeadlinePassed& e) const { return key_of(SetTimer{e.promotion, e.timer, {}}); }
  std::string operator()(const EffectSeen& e) const { return key_of(LookAt{e.promotion, e.delivery, e.number, {}}); }
  std::string operator()(const EntriesAcknowledged& e) const {
    return key_of(AskAcknowledgement{e.promotion, e.number});
  }
  std::string operator()(const PlaceAsked& e) const { return key_of(AskPlace{e.place}); }
  std::string operator()(const PlaceGranted& e) const { return key_of(GrantPlace{e.place}); }
  // Lanes that are not played give back at once what they are given.
  std::string operator()(const PlaceReturned& e) const {
    return e.place.lane == the_lane ? key_of(ReturnPlace{e.place}) : key_of(GrantPlace{e.place});
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }

 private:
  template <class Answer>
  static std::string of(const Answer& e) {
    return key_of(Deliver{e.promotion, e.delivery, e.round, {}});
  }
};

}  // namespace

void Outbox::answered_by(const Event& event) {
  if (const auto key = std::visit(AnsweredKey{}, event); !key.empty()) rows_.erase(key);
}

const Row* Outbox::find(const std::string& key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

void Outbox::take(const std::vector<Command>& commands, Time now) {
  for (const auto& command : commands) {
    if (std::holds_alternative<ClearTimer>(command)) rows_.erase(key_of(command));
    if (const auto* off = std::get_if<CallOff>(&command))
      std::erase_if(rows_, [&](const auto& row) { return row.second.promotion == off->promotion; });
  }
  asked_twice_.reset();
  for (const auto& command : commands) {
    if (std::holds_alternative<ClearTimer>(command) || std::holds_alternative<CallOff>(command)) continue;
    auto key = key_of(command);
    const auto* timer = std::get_if<SetTimer>(&command);
    // A place that comes too late is given back as often as it comes.
    const bool may_repeat =
        timer != nullptr || std::holds_alternative<GrantPlace>(command) || std::holds_alternative<ReturnPlace>(command);
    if (!may_repeat && !asked_.insert(key).second) asked_twice_ = key;
    const bool is_of_places = std::holds_alternative<AskPlace>(command) || (may_repeat && timer == nullptr);
    if (is_of_places) rows_[key] = Row{command, "", now};
    if (timer != nullptr) rows_[key] = Row{command, timer->promotion, timer->due};
    if (const auto* look = std::get_if<LookAt>(&command)) rows_[key] = Row{command, look->promotion, look->due};
    if (const auto* ask = std::get_if<AskAcknowledgement>(&command)) rows_[key] = Row{command, ask->promotion, now};
    if (const auto* check = std::get_if<RunCheck>(&command)) rows_[key] = Row{command, check->promotion, check->due};
    if (const auto* deliver = std::get_if<Deliver>(&command)) rows_[key] = Row{command, deliver->promotion, now};
  }
}

}  // namespace penstock::property
