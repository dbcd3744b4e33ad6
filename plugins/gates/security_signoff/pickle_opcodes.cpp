#include "plugins/gates/security_signoff/pickle_opcodes.hpp"

#include <charconv>
#include <cstring>

namespace penstock::gates::security {
namespace {

enum Kind : std::uint8_t {
  invalid,
  nothing,
  u1,
  u2,
  s4,
  u4,
  u8,
  f8,
  line,
  integer_line,
  two_lines,
  count1,
  count4,
  signed_count4,
  count8,
  long1,
  long4
};

struct Shape {
  Kind kind = invalid;
  const char* name = "";
};

constexpr std::array<Shape, 256> make_shapes() {
  std::array<Shape, 256> shapes{};
  const auto set = [&shapes](std::uint8_t opcode, Kind kind, const char* name) { shapes[opcode] = {kind, name}; };
  set(op::mark, nothing, "MARK"), set(op::stop, nothing, "STOP"), set(op::pop, nothing, "POP");
  set(op::pop_mark, nothing, "POP_MARK"), set(op::dup, nothing, "DUP"), set(op::none, nothing, "NONE");
  set(op::binpersid, nothing, "BINPERSID"), set(op::reduce, nothing, "REDUCE"), set(op::append, nothing, "APPEND");
  set(op::build, nothing, "BUILD"), set(op::dict, nothing, "DICT"), set(op::empty_dict, nothing, "EMPTY_DICT");
  set(op::appends, nothing, "APPENDS"), set(op::list, nothing, "LIST"), set(op::empty_list, nothing, "EMPTY_LIST");
  set(op::obj, nothing, "OBJ"), set(op::setitem, nothing, "SETITEM"), set(op::tuple, nothing, "TUPLE");
  set(op::empty_tuple, nothing, "EMPTY_TUPLE"), set(op::setitems, nothing, "SETITEMS");
  set(op::newobj, nothing, "NEWOBJ"), set(op::tuple1, nothing, "TUPLE1"), set(op::tuple2, nothing, "TUPLE2");
  set(op::tuple3, nothing, "TUPLE3"), set(op::newtrue, nothing, "NEWTRUE"), set(op::newfalse, nothing, "NEWFALSE");
  set(op::empty_set, nothing, "EMPTY_SET"), set(op::additems, nothing, "ADDITEMS");
  set(op::frozenset, nothing, "FROZENSET"), set(op::newobj_ex, nothing, "NEWOBJ_EX");
  set(op::stack_global, nothing, "STACK_GLOBAL"), set(op::memoize, nothing, "MEMOIZE");
  set(op::next_buffer, nothing, "NEXT_BUFFER"), set(op::readonly_buffer, nothing, "READONLY_BUFFER");
  set(op::binint1, u1, "BININT1"), set(op::binget, u1, "BINGET"), set(op::binput, u1, "BINPUT");
  set(op::proto, u1, "PROTO"), set(op::ext1, u1, "EXT1"), set(op::binint2, u2, "BININT2"), set(op::ext2, u2, "EXT2");
  set(op::binint, s4, "BININT"), set(op::ext4, s4, "EXT4"), set(op::long_binget, u4, "LONG_BINGET");
  set(op::long_binput, u4, "LONG_BINPUT"), set(op::frame, u8, "FRAME"), set(op::binfloat, f8, "BINFLOAT");
  set(op::float_line, line, "FLOAT"), set(op::int_line, integer_line, "INT"), set(op::long_line, line, "LONG");
  set(op::string_line, line, "STRING"), set(op::unicode_line, line, "UNICODE"), set(op::persid, line, "PERSID");
  set(op::get, integer_line, "GET"), set(op::put, integer_line, "PUT"), set(op::global, two_lines, "GLOBAL");
  set(op::inst, two_lines, "INST"), set(op::short_binstring, count1, "SHORT_BINSTRING");
  set(op::short_binbytes, count1, "SHORT_BINBYTES"), set(op::short_binunicode, count1, "SHORT_BINUNICODE");
  set(op::binstring, signed_count4, "BINSTRING"), set(op::binbytes, count4, "BINBYTES");
  set(op::binunicode, count4, "BINUNICODE"), set(op::binunicode8, count8, "BINUNICODE8");
  set(op::binbytes8, count8, "BINBYTES8"), set(op::bytearray8, count8, "BYTEARRAY8");
  set(op::long1, long1, "LONG1"), set(op::long4, long4, "LONG4");
  return shapes;
}

constexpr auto shapes = make_shapes();

// A whole line of digits, with a sign; Python takes more (spaces, underscores), which no pickler writes.
bool read_integer(std::string_view line_text, std::int64_t& number) {
  if (!line_text.empty() && line_text.front() == '+') line_text.remove_prefix(1);
  const auto [end, error] = std::from_chars(line_text.data(), line_text.data() + line_text.size(), number);
  return error == std::errc() && end == line_text.data() + line_text.size() && !line_text.empty();
}

// Two's complement, little-endian, of 0 to 8 bytes.
std::int64_t read_long(std::string_view digits) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(digits[i])} << (8 * i);
  if (!digits.empty() && digits.size() < 8 && (digits.back() & 0x80) != 0)
    value |= ~std::uint64_t{0} << (8 * digits.size());
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string_view opcode_name(std::uint8_t opcode) { return shapes[opcode].name; }

bool OpcodeReader::take(std::uint64_t count, std::string_view& out) {
  if (count > bytes_.size() - position_) return false;
  out = bytes_.substr(position_, count);
  position_ += count;
  return true;
}

bool OpcodeReader::take_line(std::string_view& out) {
  const auto rest = bytes_.substr(position_);
  const auto* end = static_cast<const char*>(rest.empty() ? nullptr : std::memchr(rest.data(), '\n', rest.size()));
  if (end == nullptr) return false;
  out = rest.substr(0, static_cast<std::size_t>(end - rest.data()));
  position_ += out.size() + 1;
  return true;
}

bool OpcodeReader::take_number(unsigned width, std::uint64_t& out) {
  std::string_view digits;
  if (!take(width, digits)) return false;
  out = 0;
  for (unsigned i = 0; i < width; ++i) out |= std::uint64_t{static_cast<unsigned char>(digits[i])} << (8 * i);
  return true;
}

bool OpcodeReader::take_counted(unsigned width, std::string_view& out) {
  std::uint64_t count = 0;
  return take_number(width, count) && take(count, out);
}

bool OpcodeReader::take_argument(std::uint8_t kind, Instruction& instruction) {
  if (kind == u1 && position_ < bytes_.size()) {
    instruction.number = static_cast<unsigned char>(bytes_[position_++]);
    return true;
  }
  std::uint64_t number = 0;
  const auto take_unsigned = [&](unsigned width) {
    if (!take_number(width, number)) return false;
    instruction.number = static_cast<std::int64_t>(number);
    instruction.fits = instruction.number >= 0;
    return true;
  };
  switch (kind) {
    case nothing:
      return true;
    case u1:
      return take_unsigned(1);
    case u2:
      return take_unsigned(2);
    case u4:
      return take_unsigned(4);
    case u8:
      return take_unsigned(8);
    case s4:
      if (!take_number(4, number)) return false;
      instruction.number = static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
      return true;
    case f8:
      return take(8, instruction.text);
    case line:
      return take_line(instruction.text);
    case integer_line:
      if (!take_line(instruction.text)) return false;
      instruction.fits = read_integer(instruction.text, instruction.number);
      return true;
    case two_lines:
      return take_line(instruction.text) && take_line(instruction.second);
    case count1:
      return take_counted(1, instruction.text);
    case count4:
      return take_counted(4, instruction.text);
    case signed_count4:
      return take_number(4, number) && number <= 0x7fffffff && take(number, instruction.text);
    case count8:
      return take_counted(8, instruction.text);
    case long1:
    case long4:
      if (!take_number(kind == long1 ? 1 : 4, number) || number > 0x7fffffff || !take(number, instruction.text))
        return false;
      instruction.fits = instruction.text.size() <= 8;
      if (instruction.fits) instruction.number = read_long(instruction.text);
      return true;
    default:
      return false;
  }
}

OpcodeReader::Step OpcodeReader::next_with_argument(Instruction& instruction) {
  const auto kind = shapes[instruction.opcode].kind;
  if (kind == invalid) return Step::broken;
  ++position_;
  if (take_argument(kind, instruction)) return Step::ok;
  position_ = instruction.offset;
  return Step::broken;
}

constinit const std::array<bool, 256> OpcodeReader::stands_alone = [] {
  std::array<bool, 256> alone{};
  for (std::size_t i = 0; i < alone.size(); ++i) alone[i] = shapes[i].kind == nothing;
  return alone;
}();

}  // namespace penstock::gates::security
