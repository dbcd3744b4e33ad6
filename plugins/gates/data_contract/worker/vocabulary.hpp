// The words of the Open Data Contract Standard 3.0.x to 3.2.0, and what to do with others.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/declared_value.hpp"
#include "plugins/gates/data_contract/worker/check.hpp"

namespace penstock::gates::data_contract::worker {

using core::declared::Mapping;
using core::declared::Mark;
using core::declared::Sequence;
using core::declared::Value;

// Collects what the reading of a contract has to tell, each as a check of its own.
class Notes {
 public:
  explicit Notes(bool strict_reading) : strict(strict_reading) {}
  const bool strict;
  std::vector<Check> checks;

  void error(const std::string& id, const Mark& mark, const std::string& message) {
    add(id, State::error, mark, message);
  }
  void unsupported(const std::string& id, const Mark& mark, const std::string& message) {
    add(id, State::unsupported, mark, message);
  }
  void listed(const std::string& id, const Mark& mark, const std::string& message) {
    add(id, State::listed, mark, message);
  }
  // A departure from the letter of the standard whose meaning is clear: an error when strict, else listed.
  void departure(const std::string& id, const Mark& mark, const std::string& message) {
    add(id, strict ? State::error : State::listed, mark, message);
  }

 private:
  void add(const std::string& id, State state, const Mark& mark, const std::string& message);
};

// Tells every key that is not in `known`. One that is, or nearly is, a word that makes a check is an error in every
// reading, because the check it was meant to be would not be made; others are a departure.
void judge_keys(const Mapping& mapping, const std::vector<std::string>& known, const std::string& id, Notes& notes);

namespace words {
const std::vector<std::string>& top_level();
const std::vector<std::string>& object();
const std::vector<std::string>& property();
const std::vector<std::string>& rule();
const std::vector<std::string>& operators();
}  // namespace words

const Value* find(const Mapping& mapping, const char* key);
// The text of a key, "" when absent; another type than text is told as an error.
std::string text_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes);
bool flag_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes);
const Sequence* list_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes);
// A finite number; an error otherwise.
bool number_of(const Value& value, double& number);
std::string lower(std::string text);

}  // namespace penstock::gates::data_contract::worker
