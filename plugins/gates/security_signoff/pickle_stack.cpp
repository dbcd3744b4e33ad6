// The machine's stack, marks and memo, with the limits that CPython's own have and those that a scanner needs.
#include "plugins/gates/security_signoff/pickle_vm.hpp"

namespace penstock::gates::security {

bool PickleMachine::underflow() {
  return give_up(Level::unsafe, "pickle/stack", "an opcode takes more values than the stack holds",
                 "a well-formed pickle");
}

bool PickleMachine::drop_to_mark() {
  if (marks_.empty())
    return give_up(Level::unsafe, "pickle/stack", "an opcode looks for a mark that is not there",
                   "a well-formed pickle");
  stack_.resize(marks_.back());
  marks_.pop_back();
  return true;
}

bool PickleMachine::pop_to_mark(std::vector<Value>& items) {
  if (!marks_.empty()) items.assign(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
  return drop_to_mark();
}

bool PickleMachine::pop_one() {
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    return true;
  }
  if (!need(1)) return false;
  stack_.pop_back();
  return true;
}

bool PickleMachine::remember(std::uint64_t index) {
  if (!need(1)) return false;
  if (index >= max_memo) return exceed("memo entry " + std::to_string(index) + " of at most 8 388 608");
  if (index >= memo_.size()) memo_.resize(std::max<std::size_t>(index + 1, std::min(memo_.size() * 2, max_memo)));
  if (memo_[index].tag == Tag::missing) ++memo_count_;
  memo_[index] = stack_.back();
  return true;
}

bool PickleMachine::recall(const Instruction& in) {
  const auto index = static_cast<std::uint64_t>(in.number);
  if (!in.fits || in.number < 0 || index >= memo_.size() || memo_[index].tag == Tag::missing)
    return give_up(Level::unsafe, "pickle/memo", "a memo entry is read that was never written", "a well-formed pickle");
  return push(memo_[index]);
}

bool PickleMachine::push_tuple(std::size_t count) {
  if (!need(count)) return false;
  const auto value = tuples_.keep(std::span(stack_).last(count));
  stack_.resize(stack_.size() - count);
  return push(value);
}

bool PickleMachine::push_text_line(const Instruction& in) {
  std::string_view text;
  std::string decoded;
  const bool is_well_formed = in.opcode == op::string_line ? decode_string_line(in.text, text, decoded)
                                                           : decode_unicode_line(in.text, text, decoded);
  if (!is_well_formed) return give_up(Level::unknown, "pickle/broken", "malformed text", "a whole pickle stream");
  if (decoded.empty()) return push(Value::of_text(text));
  decoded_bytes_ += decoded.size() + sizeof(std::string);
  if (decoded_bytes_ > max_decoded) return exceed("more than 64 MiB of escaped text");
  return push(Value::of_text(decoded_.emplace_back(std::move(decoded))));
}

// A pickle inside a bytes value does nothing by itself, but somebody put it there to be loaded.
bool PickleMachine::push_bytes(const Instruction& in) {
  const auto first = in.text.empty() ? '\0' : in.text.front();
  const bool looks_like_pickle = in.text.size() >= 4 && (first == '\x80' || first == 'c' || first == '(');
  if (looks_like_pickle && remarks_) {
    PickleMachine inner(in.text, allow_, nullptr);
    inner.execute_stream(0);
    if (inner.acts() || inner.exceeded())
      remark(Level::warn, "pickle/nested-pickle",
             "a bytes value is itself a pickle that names globals off the allow-list", "data without pickles inside");
  }
  return push(Value::of(Tag::bytes));
}

}  // namespace penstock::gates::security
