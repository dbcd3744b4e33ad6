// A machine that executes pickle opcodes symbolically: real stack, marks and memo, as CPython 3.8 to 3.13 keep them,
// but nothing is imported, called or built. What each opcode would do is judged at the moment it would do it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/gates/security_signoff/allow_list.hpp"
#include "plugins/gates/security_signoff/pickle_opcodes.hpp"
#include "plugins/gates/security_signoff/pickle_values.hpp"
#include "plugins/gates/security_signoff/report.hpp"

namespace penstock::gates::security {

struct PickleRemark {
  Level level = Level::unknown;
  const char* rule = "";
  std::uint64_t offset = 0;
  std::string observed;
  const char* needed = "";
};

// A tensor's bytes beside the pickle, as torch.save writes them.
struct NamedStorage {
  std::string key;
  std::uint64_t bytes = 0;
  bool operator==(const NamedStorage&) const = default;
};

class PickleMachine {
 public:
  static constexpr std::uint64_t max_opcodes = 1'000'000'000;
  static constexpr std::size_t max_stack = std::size_t{1} << 20;
  static constexpr std::size_t max_memo = std::size_t{8} << 20;
  static constexpr std::size_t max_decoded = std::size_t{64} << 20;  // bytes of strings with escapes
  static constexpr std::size_t max_storages = 1'000'000;
  static constexpr int max_remarks = 50;  // of one stream; then the rest does not matter

  using Remarks = std::function<void(PickleRemark)>;

  // `bytes` and `allow` must outlive the machine. Without `remarks` it only finds out whether the stream acts.
  PickleMachine(std::string_view bytes, const AllowList& allow, Remarks remarks);

  // Accept torch's persistent ids ("storage", type, key, place, count), and collect them.
  void accept_storages() { accepts_storages_ = true; }

  // Executes one stream. True when it reached STOP; `position()` is then behind it.
  bool execute_stream(std::uint64_t offset);
  std::uint64_t position() const { return position_; }
  // The last stream named a global that is not allowed, and then called something or ended properly: it is a pickle
  // that acts, whatever the rest of the file looks like.
  bool acts() const { return named_foreign_ && (called_ || stopped_); }
  // The stream was left unread because it exceeded a budget.
  bool exceeded() const { return exceeded_; }
  const std::vector<NamedStorage>& storages() const { return storages_; }

 private:
  void reset();
  bool execute(const Instruction& in);
  bool execute_extended(const Instruction& in);
  bool check_frame(const Instruction& in, std::uint64_t end);

  // The stack. A false answer means the stream is over, and why was remarked.
  bool push(Value value) {
    if (stack_.size() >= max_stack) return exceed("more than 1 048 576 values on the stack");
    stack_.push_back(value);
    return true;
  }
  bool need(std::size_t count) { return stack_.size() - floor() >= count || underflow(); }
  bool underflow();
  Value pop() {
    const auto value = stack_.back();
    stack_.pop_back();
    return value;
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  bool pop_to_mark(std::vector<Value>& items);
  bool drop_to_mark();
  bool pop_one();
  bool remember(std::uint64_t index);
  bool recall(const Instruction& in);
  bool push_tuple(std::size_t count);
  bool push_text_line(const Instruction& in);
  bool push_bytes(const Instruction& in);

  // What acts (pickle_calls.cpp).
  Value name_global(std::string_view module, std::string_view name);
  bool stack_global();
  bool instance(const Instruction& in);
  bool object_from_mark();
  bool reduce();
  bool new_object(bool with_keywords);
  bool build();
  bool set_items(bool many);
  bool append_items(bool many);
  bool add_items();
  bool persistent_id(const Value& id);
  Value call(const Value& callable, const Value& arguments, unsigned use);
  bool arguments_allowed(const Allowed& entry, const Value& arguments) const;
  Value result_of(int index, const Value& arguments) const;
  bool is_type(const Value& value, unsigned use) const;
  bool may(const Value& target, unsigned use) const;
  std::string described(const Value& value) const;

  void remark(Level level, const char* rule, std::string observed, const char* needed);
  bool exceed(std::string observed);
  bool give_up(Level level, const char* rule, std::string observed, const char* needed);

  std::string_view bytes_;
  const AllowList& allow_;
  Remarks remarks_;
  bool accepts_storages_ = false;

  std::uint64_t position_ = 0;
  std::uint64_t at_ = 0;  // offset of the opcode under execution
  std::uint64_t frame_end_ = 0;
  std::uint64_t opcodes_ = 0;
  int protocol_ = 0;
  int remark_count_ = 0;
  bool stopped_ = false;
  bool called_ = false;
  bool named_foreign_ = false;
  bool exceeded_ = false;

  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::vector<Value> memo_;
  std::uint64_t memo_count_ = 0;
  TuplePool tuples_;
  std::vector<Value> items_;
  std::deque<std::string> decoded_;
  std::size_t decoded_bytes_ = 0;
  std::vector<NamedStorage> storages_;
};

// Decodes the argument of STRING (quotes and escapes) and UNICODE (raw-unicode-escape) as CPython does; false when it
// is malformed. `text` is used as it is when nothing needs decoding, and `decoded` is then left empty.
bool decode_string_line(std::string_view line, std::string_view& text, std::string& decoded);
bool decode_unicode_line(std::string_view line, std::string_view& text, std::string& decoded);

}  // namespace penstock::gates::security
