// An Open Data Contract Standard contract, read down to what demands something of one object's data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/gates/data_contract/worker/vocabulary.hpp"

namespace penstock::gates::data_contract::worker {

enum class LogicalType { none, text, integer, number, boolean, date, timestamp, time, object, array };

struct Property {
  std::string id;      // "wine/alcohol": how checks of it are named
  std::string name;    // in the contract
  std::string column;  // in the data: physicalName, else name
  LogicalType type = LogicalType::none;
  bool readable = true;      // false: its type is not understood, so that nothing of it can be checked
  bool legacy_date = false;  // 3.0.x: `date` stands for timestamps too
  bool required = false;
  bool unique = false;
  bool primary_key = false;
  double key_position = -1;
  bool sensitive = false;  // its values are not shown
  Mark mark;
  // Into the document, which must live as long; null when absent.
  const Mapping* options = nullptr;
  const Sequence* one_of = nullptr;  // `enum`
  const Sequence* quality = nullptr;
};

struct Contract {
  std::string id;
  std::string name;  // of the contract, else its id
  std::string version;
  std::string api_version;
  bool legacy = false;  // 3.0.x
  std::string object;   // of the schema entry
  std::vector<Property> properties;
  const Sequence* quality = nullptr;  // of the object
};

// Reads `document` for one object of its schema (by name, physicalName or id; empty: the only one). What is not
// understood in a part goes to `notes`; a Problem "not-a-contract" means that nothing can be checked at all.
core::Result<Contract> read_contract(const Value& document, const std::string& object, Notes& notes);

// The properties of one object, told apart for the size of the files.
void read_properties(const Sequence& properties, Contract& contract, Notes& notes);

const char* name_of(LogicalType type);

}  // namespace penstock::gates::data_contract::worker
