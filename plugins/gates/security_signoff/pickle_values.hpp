// What the symbolic pickle machine knows about a value: enough to judge what is done with it, never its whole content.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace penstock::gates::security {

enum class Tag : std::uint8_t {
  missing,  // an empty place of the memo
  none,
  boolean,
  integer,  // fits in 64 bits
  number,   // a float, or a larger integer
  text,
  bytes,
  tuple,
  list,
  dict,
  set,      // and frozenset
  global,   // a module's attribute
  object,   // made by an allowed global
  storage,  // a tensor's bytes, named by a persistent id
  opaque,   // already remarked upon, or an outside buffer
};

// 16 bytes, trivially copied: hostile files make hundreds of millions of them.
struct Value {
  static constexpr std::uint32_t not_kept = 0xffffffff;

  Tag tag = Tag::missing;
  std::uint32_t length = 0;  // of the text, or of the tuple; not_kept when its content is not known
  union {
    std::int64_t number = 0;  // integer; for global and object the allow-list's index, -1 for none; for tuple its start
    const char* text;
  };

  static Value of(Tag tag, std::int64_t number = 0) {
    Value value;
    value.tag = tag;
    value.number = number;
    return value;
  }
  // `text` must live as long as the machine.
  static Value of_text(std::string_view text) {
    Value value;
    value.tag = Tag::text;
    value.length = text.size() < not_kept ? static_cast<std::uint32_t>(text.size()) : not_kept;
    value.text = text.data();
    return value;
  }
  bool has_text() const { return tag == Tag::text && length != not_kept; }
  std::string_view as_text() const { return {text, length}; }
};
static_assert(sizeof(Value) == 16);

// The members of short tuples, which hold the arguments of calls. Longer ones, and those beyond the budget, are not
// kept: a rule that must see them then refuses.
class TuplePool {
 public:
  static constexpr std::size_t max_length = 16;
  static constexpr std::size_t max_values = std::size_t{4} << 20;

  Value keep(std::span<const Value> members) {
    auto value = Value::of(Tag::tuple, static_cast<std::int64_t>(values_.size()));
    value.length = static_cast<std::uint32_t>(members.size());
    if (members.size() > max_length || values_.size() + members.size() > max_values) {
      value.length = Value::not_kept;
    } else {
      for (const auto& member : members) values_.push_back(member);
    }
    return value;
  }
  bool is_known(const Value& tuple) const { return tuple.tag == Tag::tuple && tuple.length != Value::not_kept; }
  std::span<const Value> members(const Value& tuple) const {
    return std::span(values_).subspan(static_cast<std::size_t>(tuple.number), tuple.length);
  }
  void clear() { values_.clear(); }

 private:
  std::vector<Value> values_;
};

}  // namespace penstock::gates::security
