// What is due, as the journal keeps it: a row by key; what a decision drops is dropped before what it puts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/property/history.hpp"

namespace penstock::property {

struct Row {
  Command command;  // a check, a delivery, a timer, or a wish about a place
  PromotionId promotion;
  Time due{};
};

class Outbox {
 public:
  // Whoever carried a row out brings the event that answers it; the row is done then, whatever the core makes of it.
  void answered_by(const Event& event);
  void take(const std::vector<Command>& commands, Time now);

  const std::map<std::string, Row>& rows() const { return rows_; }
  const Row* find(const std::string& key) const;
  // The key of a check, delivery or notice of the last decision that had been asked for before.
  const std::optional<std::string>& asked_twice() const { return asked_twice_; }

 private:
  std::map<std::string, Row> rows_;
  std::set<std::string> asked_;  // the keys of all checks, deliveries and notices
  std::optional<std::string> asked_twice_;
};

}  // namespace penstock::property
