// The globals that a model file may name: exact (module, name) pairs, and what may be done with each. Everything that
// is not here is refused; a list of what is forbidden is never complete.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock::gates::security {

// What may be done with a global besides naming it as a value. Bits.
enum Use : unsigned {
  use_value = 0,
  use_call = 1,      // REDUCE, OBJ, INST: name(*args)
  use_make = 2,      // NEWOBJ: name.__new__(name, *args)
  use_build = 4,     // BUILD on what it made: __setstate__ or __dict__.update
  use_set_item = 8,  // SETITEM on what it made
  use_append = 16,   // APPEND on what it made
  use_type = 32,     // it is a type that rules below accept as an argument
  use_plain = 64,    // it is a plain type (str, float64): skops may call it on a dict's key or a number
};

// What a call's arguments must be, where any would be too many.
enum class Arguments : std::uint8_t {
  any,
  first_is_type,  // f(type, …): makes an instance of that type, which must itself be listed as a type
  all_are_types,  // every argument that is a global is a listed type, and the first two are given
  array_type,     // the first is numpy.ndarray or a listed subclass
  constructor,    // (name or type or bit generator[, numpy.random._pickle.__bit_generator_ctor])
  codec,          // (text, "latin1"): an encoding without side effects
  factory,        // (nothing or None or a plain type, …)
  reconstructor,  // (listed type, builtins.object, None)
};

struct Allowed {
  std::string module;
  std::string name;
  unsigned uses = use_value;
  Arguments arguments = Arguments::any;
};

// One line of the table: names of one module that share their uses.
struct AllowedGroup {
  const char* module;
  unsigned uses;
  Arguments arguments;
  const char* names;  // separated by single spaces
};

class AllowList {
 public:
  // The built-in list.
  AllowList();
  // Adds one from the gate's configuration: it may be named, called, made and built.
  void allow(const std::string& module, const std::string& name);

  // An index into the list, -1 when it is not there.
  int find(std::string_view module, std::string_view name) const;
  const Allowed& operator[](int index) const { return entries_[static_cast<std::size_t>(index)]; }
  std::size_t size() const { return entries_.size(); }

  static std::string_view version();
  // The whole built-in list, one entry a line: what its digest is taken over.
  static std::string text();

 private:
  void add(const AllowedGroup& group);
  void add(Allowed entry);

  std::vector<Allowed> entries_;
  std::unordered_map<std::string, int> index_;
};

// The tables, by profile.
std::span<const AllowedGroup> allowed_basics();   // Python, numpy, scipy
std::span<const AllowedGroup> allowed_sklearn();  // estimators, transformers, and what they hold
std::span<const AllowedGroup> allowed_torch();    // the globals of torch.load(weights_only=True)

}  // namespace penstock::gates::security
