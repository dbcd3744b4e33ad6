#include "plugins/gates/security_signoff/pickle_vm.hpp"

#include <cstring>
#include <limits>

namespace penstock::gates::security {
namespace {

constexpr std::uint64_t no_frame = std::numeric_limits<std::uint64_t>::max();

}  // namespace

PickleMachine::PickleMachine(std::string_view bytes, const AllowList& allow, Remarks remarks)
    : bytes_(bytes), allow_(allow), remarks_(std::move(remarks)) {}

void PickleMachine::remark(Level level, const char* rule, std::string observed, const char* needed) {
  ++remark_count_;
  if (remarks_) remarks_({level, rule, at_, std::move(observed), needed});
}

bool PickleMachine::give_up(Level level, const char* rule, std::string observed, const char* needed) {
  remark(level, rule, std::move(observed), needed);
  return false;
}

bool PickleMachine::exceed(std::string observed) {
  exceeded_ = true;
  return give_up(Level::unknown, "pickle/budget", std::move(observed), "a pickle within the scanner's budget");
}

// Unpicklers start each stream afresh; the opcode budget is for all streams together.
void PickleMachine::reset() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  memo_count_ = 0;
  tuples_.clear();
  decoded_.clear();
  decoded_bytes_ = 0;
  frame_end_ = no_frame;
  protocol_ = 0;
  remark_count_ = 0;
  stopped_ = called_ = named_foreign_ = exceeded_ = false;
}

bool PickleMachine::execute_stream(std::uint64_t offset) {
  reset();
  OpcodeReader reader(bytes_, offset);
  Instruction in;
  while (true) {
    const auto step = reader.next(in);
    at_ = in.offset;
    position_ = reader.position();
    if (step == OpcodeReader::Step::end)
      return give_up(Level::unknown, "pickle/broken", "the bytes end before STOP", "a whole pickle stream");
    if (step == OpcodeReader::Step::broken)
      return give_up(Level::unknown, "pickle/broken",
                     "byte " + printable(bytes_.substr(at_, 1)) + " is no opcode, or its argument is cut off",
                     "a whole pickle stream");
    if (++opcodes_ > max_opcodes) return exceed("more than 1 000 000 000 opcodes");
    if (frame_end_ != no_frame && !check_frame(in, position_)) return false;
    if (in.opcode == op::stop) break;
    if (!execute(in)) return false;
    if (remarks_ ? remark_count_ >= max_remarks : acts()) return false;
  }
  if (!need(1)) return false;
  if (frame_end_ != no_frame && position_ != frame_end_ && remarks_)
    return give_up(Level::unsafe, "pickle/frame", "STOP inside a frame that goes on",
                   "frames that end with their stream");
  stopped_ = true;
  return true;
}

// The C and the Python unpickler disagree about opcodes that cross a frame's end: one of them may see other opcodes. A
// machine that only asks whether the stream acts goes on as the C unpickler does.
bool PickleMachine::check_frame(const Instruction& in, std::uint64_t end) {
  if (in.offset >= frame_end_) {
    frame_end_ = no_frame;
  } else if (end > frame_end_ && remarks_) {
    return give_up(Level::unsafe, "pickle/frame", std::string(opcode_name(in.opcode)) + " crosses the end of its frame",
                   "opcodes that lie whole inside one frame");
  }
  return true;
}

bool PickleMachine::execute(const Instruction& in) {
  switch (in.opcode) {
    case op::mark:
      marks_.push_back(stack_.size());
      return marks_.size() <= max_stack || exceed("more than 1 048 576 marks");
    case op::pop:
      return pop_one();
    case op::pop_mark:
      return drop_to_mark();
    case op::dup:
      return need(1) && push(stack_.back());
    case op::none:
      return push(Value::of(Tag::none));
    case op::newtrue:
    case op::newfalse:
      return push(Value::of(Tag::boolean));
    case op::binint:
    case op::binint1:
    case op::binint2:
    case op::int_line:
    case op::long1:
    case op::long4:
      return push(Value::of(in.fits ? Tag::integer : Tag::number, in.number));
    case op::long_line:
    case op::float_line:
    case op::binfloat:
      return push(Value::of(Tag::number));
    case op::string_line:
    case op::unicode_line:
      return push_text_line(in);
    case op::binstring:
    case op::short_binstring:
    case op::binunicode:
    case op::short_binunicode:
    case op::binunicode8:
      return push(Value::of_text(in.text));
    case op::binbytes:
    case op::short_binbytes:
    case op::binbytes8:
    case op::bytearray8:
      return push_bytes(in);
    case op::empty_list:
      return push(Value::of(Tag::list));
    case op::empty_dict:
      return push(Value::of(Tag::dict));
    case op::empty_set:
      return push(Value::of(Tag::set));
    case op::list:
      return drop_to_mark() && push(Value::of(Tag::list));
    case op::dict:
      return drop_to_mark() && push(Value::of(Tag::dict));
    case op::frozenset:
      return drop_to_mark() && push(Value::of(Tag::set));
    case op::empty_tuple:
      return push_tuple(0);
    case op::tuple1:
      return push_tuple(1);
    case op::tuple2:
      return push_tuple(2);
    case op::tuple3:
      return push_tuple(3);
    case op::tuple:
      return pop_to_mark(items_) && push(tuples_.keep(items_));
    case op::get:
    case op::binget:
    case op::long_binget:
      return recall(in);
    case op::put:
    case op::binput:
    case op::long_binput:
      if (!in.fits || in.number < 0)
        return give_up(Level::unsafe, "pickle/memo", "a memo entry with an index that is no number",
                       "a well-formed pickle");
      return remember(static_cast<std::uint64_t>(in.number));
    case op::memoize:
      return remember(memo_count_);
    default:
      return execute_extended(in);
  }
}

bool PickleMachine::execute_extended(const Instruction& in) {
  switch (in.opcode) {
    case op::proto:
      protocol_ = static_cast<int>(in.number);
      return protocol_ <= 5 ||
             give_up(Level::unknown, "pickle/broken", "protocol " + std::to_string(protocol_), "protocol 0 to 5");
    case op::frame:
      if (frame_end_ != no_frame && remarks_)
        return give_up(Level::unsafe, "pickle/frame", "a frame begins inside a frame",
                       "frames that follow one another");
      if (!in.fits || static_cast<std::uint64_t>(in.number) > bytes_.size() - position_)
        return give_up(Level::unknown, "pickle/broken", "a frame is longer than the file", "a whole pickle stream");
      frame_end_ = position_ + static_cast<std::uint64_t>(in.number);
      return true;
    case op::global:
      return push(name_global(in.text, in.second));
    case op::stack_global:
      return stack_global();
    case op::inst:
      return instance(in);
    case op::obj:
      return object_from_mark();
    case op::reduce:
      return reduce();
    case op::newobj:
      return new_object(false);
    case op::newobj_ex:
      return new_object(true);
    case op::build:
      return build();
    case op::setitem:
      return set_items(false);
    case op::setitems:
      return set_items(true);
    case op::append:
      return append_items(false);
    case op::appends:
      return append_items(true);
    case op::additems:
      return add_items();
    case op::persid:
      return persistent_id(Value::of_text(in.text));
    case op::binpersid:
      return need(1) && persistent_id(pop());
    case op::ext1:
    case op::ext2:
    case op::ext4:
      remark(Level::unsafe, "pickle/extension",
             "extension code " + std::to_string(in.number) + ": what it names depends on the machine that loads it",
             "globals named in the file");
      return push(Value::of(Tag::opaque));
    case op::next_buffer:
      remark(Level::unknown, "pickle/outside-buffer", "the pickle takes a buffer from outside the file",
             "a pickle that is whole");
      return push(Value::of(Tag::opaque));
    case op::readonly_buffer:
      return need(1);
    default:
      return give_up(Level::unknown, "pickle/broken", "an opcode without a meaning", "a whole pickle stream");
  }
}

}  // namespace penstock::gates::security
