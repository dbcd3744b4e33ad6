// What belongs into a promotion's record, however long it is live.
#include "tests/audit/decided.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using nlohmann::json;

namespace {

// A promotion that is live, and is looked at.
struct Looked : Decided {
  void look(core::Effect effect, const std::string& observed, const std::string& delivery = "serving") {
    happen(core::EffectSeen{id, delivery, ++numbers[delivery], effect, observed});
  }
  void look_often(int times, core::Effect effect, const std::string& observed) {
    for (int i = 0; i < times; ++i) look(effect, observed);
  }
  Record journalled() {
    commit();
    return record();
  }
  std::map<std::string, int> numbers;
};

// The numbers of the looks that are in it.
std::vector<int> looks(const Record& record, const std::string& delivery = "serving") {
  std::vector<int> found;
  for (const auto& text : record.events)
    if (const auto event = json::parse(text); event.at("event") == "effect_seen" && event.at("delivery") == delivery)
      found.push_back(event.at("number"));
  return found;
}

using Numbers = std::vector<int>;
constexpr auto effect_kept = core::Effect::kept;
constexpr auto drifted = core::Effect::drifted;

}  // namespace

TEST_CASE("what came after thousands of looks that said the same is in the record, and so is each change") {
  Looked live;
  const auto attested = attestation_of(live.record(), "example.com/audit").value();
  live.look_often(21'000, effect_kept, "version 7");
  live.look(drifted, "version 6");
  live.look(effect_kept, "version 7");
  live.end(core::Replaced{"prm_2"});
  const auto record = live.record();
  CHECK(looks(record) == Numbers{1, 21'000, 21'001, 21'002});
  CHECK(record.left_out == 20'998);
  CHECK(record.entries.size() == 9);
  CHECK(record.events.size() == 9);
  CHECK(phase_after(record.entries) == "replaced");
  CHECK(text_in(record.promotion, "phase") == "replaced");
  CHECK(attestation_of(record, "example.com/audit").value() == attested);
}

TEST_CASE("of what changes without end the first and the newest are in the record, and all that people did") {
  Looked live;
  for (int i = 0; i < 3000; ++i) live.look(drifted, "version of " + std::to_string(i));
  live.happen(core::PinSet{live.promotion.lane, "ann", "let me see", Looked::id}, "ann");
  for (int i = 3000; i < 6000; ++i) live.look(drifted, "version of " + std::to_string(i));
  const auto record = live.journalled();
  const auto numbers = looks(record);
  REQUIRE(numbers.size() == most_repeated);
  CHECK(numbers.front() == 1);
  CHECK(numbers[2499] == 2500);
  CHECK(numbers[2500] == 3501);
  CHECK(numbers.back() == 6000);
  CHECK(record.left_out == 1000);
  CHECK(std::any_of(record.events.begin(), record.events.end(),
                    [](const std::string& event) { return json::parse(event).at("event") == "pin_set"; }));
}

TEST_CASE("what drifts again after it was put back is told again") {
  Looked live;
  live.look_often(3, drifted, "version 6");
  live.happen(core::DeliveryConfirmed{Looked::id, "serving", 2, "204"});
  live.look_often(3, drifted, "version 6");
  const auto record = live.journalled();
  CHECK(looks(record) == Numbers{1, 3, 4, 6});
  CHECK(record.left_out == 2);
}

TEST_CASE("each delivery's looks are compared with its own") {
  Looked live;
  for (int i = 0; i < 5; ++i) {
    live.look(effect_kept, "version 7");
    live.look(effect_kept, "version 7 in the shadow", "shadow");
  }
  const auto record = live.journalled();
  CHECK(looks(record) == Numbers{1, 5});
  CHECK(looks(record, "shadow") == Numbers{1, 5});
  CHECK(record.left_out == 6);
  CHECK(std::is_sorted(record.entries.begin(), record.entries.end(),
                       [](const auto& one, const auto& other) { return one.index < other.index; }));
}

TEST_CASE("an entry that tells no phase leaves the promotion's as it was") {
  Looked live;
  const core::Place place{"tier-1", live.promotion.lane, 1, Looked::id};
  const auto document = core::to_json(core::Event(core::PlaceReturned{core::every_lane, place, Looked::id})).dump();
  journal::Write elsewhere;
  elsewhere.events = {{0, live.at(9), core::every_lane, Looked::id, "place_returned", document}};
  Entry entry;
  entry.what = "place_returned";
  entry.promotion = Looked::id;
  entry.event = runtime::sha256(document);
  elsewhere.audit = {{0, Looked::id, text_of(entry, {live.at(9), std::chrono::minutes(9), "d"})}};
  REQUIRE(journal::testing::commit(*live.journal, live.mailbox, std::move(elsewhere)).has_value());
  const auto record = live.record();
  CHECK(record.entries.size() == 5);
  CHECK(phase_after(record.entries) == "live");
  CHECK(phase_after({}).empty());
}
