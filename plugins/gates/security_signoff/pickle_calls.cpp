// What a pickle may do: name globals, call them, make and change objects. Each act is judged when it would happen.
#include "plugins/gates/security_signoff/pickle_vm.hpp"

namespace penstock::gates::security {
namespace {

constexpr const char* needs_listed =
    "a global on the allow-list; safetensors and skops need none, or let an operator list it in `allow`";
constexpr const char* needs_typed = "items and state only for lists, dicts and objects that an allowed global made";

// Protocols 0 to 2 carry Python 2's names, which Python 3 maps before it imports (Lib/_compat_pickle.py).
std::string_view module_today(std::string_view module, int protocol) {
  if (protocol >= 3) return module;
  if (module == "__builtin__") return "builtins";
  if (module == "copy_reg") return "copyreg";
  return module;
}

bool is_text(const Value& value, std::initializer_list<std::string_view> words) {
  return value.has_text() && std::find(words.begin(), words.end(), value.as_text()) != words.end();
}

// Bytes of one element of a torch storage type; 0 for a type that is not known.
std::uint64_t element_size(const std::string& storage) {
  static const std::pair<const char*, std::uint64_t> sizes[] = {
      {"FloatStorage", 4},  {"DoubleStorage", 8}, {"HalfStorage", 2},         {"BFloat16Storage", 2},
      {"LongStorage", 8},   {"IntStorage", 4},    {"ShortStorage", 2},        {"CharStorage", 1},
      {"ByteStorage", 1},   {"BoolStorage", 1},   {"ComplexFloatStorage", 8}, {"ComplexDoubleStorage", 16},
      {"UntypedStorage", 1}};
  for (const auto& [name, size] : sizes)
    if (storage == name) return size;
  return 0;
}

}  // namespace

std::string PickleMachine::described(const Value& value) const {
  static constexpr const char* names[] = {
      "nothing", "None",        "a boolean",     "an integer", "a number",
      "a text",  "bytes",       "a tuple",       "a list",     "a dict",
      "a set",   "the global ", "an object of ", "a storage",  "a value already remarked upon"};
  std::string text = names[static_cast<std::size_t>(value.tag)];
  if (value.tag != Tag::global && value.tag != Tag::object) return text;
  if (value.number < 0) return text + "a kind that is not allowed";
  const auto& entry = allow_[static_cast<int>(value.number)];
  return text + entry.module + "." + entry.name;
}

Value PickleMachine::name_global(std::string_view module, std::string_view name) {
  const auto index = allow_.find(module_today(module, protocol_), name);
  if (index < 0) {
    named_foreign_ = true;
    const bool is_dotted = name.find('.') != name.npos;
    remark(Level::unsafe, is_dotted ? "pickle/dotted-name" : "pickle/global-not-allowed",
           "`" + printable(module) + "." + printable(name) + "` is imported", needs_listed);
  }
  return Value::of(Tag::global, index);
}

bool PickleMachine::stack_global() {
  if (!need(2)) return false;
  const auto name = pop();
  const auto module = pop();
  if (!name.has_text() || !module.has_text()) {
    named_foreign_ = true;
    return give_up(Level::unsafe, "pickle/unresolved-global",
                   "a global is named by " + described(module) + " and " + described(name), "module and name as texts");
  }
  return push(name_global(module.as_text(), name.as_text()));
}

bool PickleMachine::is_type(const Value& value, unsigned use) const {
  return value.tag == Tag::global && value.number >= 0 && (allow_[static_cast<int>(value.number)].uses & use) != 0;
}

bool PickleMachine::arguments_allowed(const Allowed& entry, const Value& arguments) const {
  if (entry.arguments == Arguments::any) return true;
  if (!tuples_.is_known(arguments)) return false;
  const auto given = tuples_.members(arguments);
  const auto count = given.size();
  const auto names = [&](const Value& value, std::string_view module, std::string_view name) {
    return value.tag == Tag::global && value.number >= 0 && value.number == allow_.find(module, name);
  };
  switch (entry.arguments) {
    case Arguments::first_is_type:
      return count >= 1 && is_type(given[0], use_make);
    case Arguments::all_are_types:
      return count >= 2 && is_type(given[0], use_type) && is_type(given[1], use_type) &&
             std::all_of(given.begin(), given.end(),
                         [&](const Value& value) { return value.tag != Tag::global || is_type(value, use_type); });
    case Arguments::array_type:
      return count >= 1 && (names(given[0], "numpy", "ndarray") || names(given[0], "numpy.ma.core", "MaskedArray") ||
                            names(given[0], "numpy.ma", "MaskedArray"));
    case Arguments::constructor:
      return count >= 1 && count <= 2 &&
             (given[0].tag == Tag::text || given[0].tag == Tag::object || is_type(given[0], use_make)) &&
             (count == 1 || names(given[1], "numpy.random._pickle", "__bit_generator_ctor"));
    case Arguments::codec:
      return count == 2 && given[0].tag == Tag::text &&
             is_text(given[1], {"latin1", "latin-1", "utf-8", "utf8", "ascii"});
    case Arguments::factory:
      return count == 0 || given[0].tag == Tag::none || is_type(given[0], use_type);
    case Arguments::reconstructor:
      return count == 3 && is_type(given[0], use_make) && names(given[1], "builtins", "object") &&
             given[2].tag == Tag::none;
    case Arguments::any:
      break;
  }
  return true;
}

Value PickleMachine::result_of(int index, const Value& arguments) const {
  const auto rule = allow_[index].arguments;
  if (rule == Arguments::first_is_type || rule == Arguments::reconstructor)
    return Value::of(Tag::object, tuples_.members(arguments)[0].number);
  return Value::of(Tag::object, index);
}

// `use` is what the opcode does with the callable: any bit of it suffices.
Value PickleMachine::call(const Value& callable, const Value& arguments, unsigned use) {
  called_ = true;
  if (callable.tag == Tag::opaque) return callable;
  if (callable.tag != Tag::global) {
    remark(Level::unsafe, "pickle/call-target", described(callable) + " is called", "calls of allowed globals only");
    return Value::of(Tag::opaque);
  }
  const auto index = static_cast<int>(callable.number);
  if (index < 0) {
    remark(Level::unsafe, "pickle/call-not-allowed", "a global that is not on the allow-list is called", needs_listed);
    return Value::of(Tag::opaque);
  }
  const auto& entry = allow_[index];
  if ((entry.uses & use) == 0) {
    remark(Level::unsafe, "pickle/call-not-allowed", "`" + entry.module + "." + entry.name + "` is called",
           "this global may be named, not called");
    return Value::of(Tag::opaque);
  }
  if (arguments.tag != Tag::tuple && arguments.tag != Tag::opaque) {
    remark(Level::unsafe, "pickle/call-target", "arguments are " + described(arguments), "a tuple of arguments");
    return Value::of(Tag::opaque);
  }
  const bool needs_arguments_checked = (use & entry.uses & use_call) != 0;
  if (needs_arguments_checked && !arguments_allowed(entry, arguments)) {
    remark(Level::unsafe, "pickle/arguments-not-allowed",
           "`" + entry.module + "." + entry.name + "` is called with arguments that its rule does not admit",
           "arguments that are listed types and plain values");
    return Value::of(Tag::opaque);
  }
  return needs_arguments_checked ? result_of(index, arguments) : Value::of(Tag::object, index);
}

bool PickleMachine::reduce() {
  if (!need(2)) return false;
  const auto arguments = pop();
  const auto callable = pop();
  return push(call(callable, arguments, use_call));
}

bool PickleMachine::new_object(bool with_keywords) {
  if (!need(with_keywords ? 3 : 2)) return false;
  if (with_keywords) {
    const auto keywords = pop();
    if (keywords.tag != Tag::dict && keywords.tag != Tag::opaque)
      remark(Level::unsafe, "pickle/call-target", "keywords are " + described(keywords), "a dict of keywords");
  }
  const auto arguments = pop();
  const auto type = pop();
  return push(call(type, arguments, use_make));
}

bool PickleMachine::object_from_mark() {
  if (!pop_to_mark(items_)) return false;
  if (items_.empty()) return give_up(Level::unsafe, "pickle/stack", "OBJ without a class", "a well-formed pickle");
  const auto arguments = tuples_.keep(std::span(items_).subspan(1));
  return push(call(items_[0], arguments, items_.size() == 1 ? use_call | use_make : use_call));
}

bool PickleMachine::instance(const Instruction& in) {
  const auto type = name_global(in.text, in.second);
  if (!pop_to_mark(items_)) return false;
  return push(call(type, tuples_.keep(items_), items_.empty() ? use_call | use_make : use_call));
}

bool PickleMachine::may(const Value& target, unsigned use) const {
  return target.tag == Tag::opaque ||
         (target.tag == Tag::object && target.number >= 0 && (allow_[static_cast<int>(target.number)].uses & use) != 0);
}

bool PickleMachine::build() {
  if (!need(2)) return false;
  stack_.pop_back();
  const auto target = stack_.back();
  if (!may(target, use_build))
    remark(Level::unsafe, "pickle/build-target", "state is put into " + described(target), needs_typed);
  return true;
}

bool PickleMachine::set_items(bool many) {
  const auto count = many ? stack_.size() - floor() : 2;
  if (many ? !drop_to_mark() : !need(3)) return false;
  if (count % 2 != 0)
    return give_up(Level::unsafe, "pickle/stack", "SETITEMS with a key that has no value", "a well-formed pickle");
  if (!many) stack_.resize(stack_.size() - 2);
  if (!need(1)) return false;
  const auto target = stack_.back();
  if (target.tag != Tag::dict && !may(target, use_set_item))
    remark(Level::unsafe, "pickle/setitem-target", "items are set in " + described(target), needs_typed);
  return true;
}

bool PickleMachine::append_items(bool many) {
  if (many ? !drop_to_mark() : !need(2)) return false;
  if (!many) stack_.pop_back();
  if (!need(1)) return false;
  const auto target = stack_.back();
  if (target.tag != Tag::list && !may(target, use_append))
    remark(Level::unsafe, "pickle/append-target", "items are appended to " + described(target), needs_typed);
  return true;
}

bool PickleMachine::add_items() {
  if (!drop_to_mark() || !need(1)) return false;
  const auto target = stack_.back();
  if (target.tag != Tag::set && target.tag != Tag::opaque)
    remark(Level::unsafe, "pickle/additems-target", "items are added to " + described(target), needs_typed);
  return true;
}

bool PickleMachine::persistent_id(const Value& id) {
  const auto given = tuples_.is_known(id) ? tuples_.members(id) : std::span<const Value>();
  const bool is_storage = given.size() >= 5 && is_text(given[0], {"storage"}) && given[1].tag == Tag::global &&
                          given[1].number >= 0 && given[2].has_text() && given[4].tag == Tag::integer &&
                          given[4].number >= 0;
  const auto size = is_storage ? element_size(allow_[static_cast<int>(given[1].number)].name) : 0;
  const auto count = is_storage ? static_cast<std::uint64_t>(given[4].number) : 0;
  if (!accepts_storages_ || size == 0 || count > (std::uint64_t{1} << 56) || storages_.size() >= max_storages) {
    remark(Level::unsafe, "pickle/persistent-id", "a persistent id: what it stands for is decided outside the file",
           "a pickle that is whole, or a torch archive's storages");
    return push(Value::of(Tag::opaque));
  }
  storages_.push_back({std::string(given[2].as_text()), count * size});
  return push(Value::of(Tag::storage));
}

}  // namespace penstock::gates::security
