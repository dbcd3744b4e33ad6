// The opcodes of Python's pickle format, protocols 0 to 5, and a reader that takes them apart without copying.
// Source: CPython's Lib/pickle.py and Lib/pickletools.py, as of 3.13.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::gates::security {

// clang-format off
namespace op {
enum : std::uint8_t {
  mark = '(', stop = '.', pop = '0', pop_mark = '1', dup = '2', float_line = 'F', int_line = 'I', binint = 'J',
  binint1 = 'K', long_line = 'L', binint2 = 'M', none = 'N', persid = 'P', binpersid = 'Q', reduce = 'R',
  string_line = 'S', binstring = 'T', short_binstring = 'U', unicode_line = 'V', binunicode = 'X', append = 'a',
  build = 'b', global = 'c', dict = 'd', empty_dict = '}', appends = 'e', get = 'g', binget = 'h', inst = 'i',
  long_binget = 'j', list = 'l', empty_list = ']', obj = 'o', put = 'p', binput = 'q', long_binput = 'r',
  setitem = 's', tuple = 't', empty_tuple = ')', setitems = 'u', binfloat = 'G',
  proto = 0x80, newobj = 0x81, ext1 = 0x82, ext2 = 0x83, ext4 = 0x84, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87,
  newtrue = 0x88, newfalse = 0x89, long1 = 0x8a, long4 = 0x8b, binbytes = 'B', short_binbytes = 'C',
  short_binunicode = 0x8c, binunicode8 = 0x8d, binbytes8 = 0x8e, empty_set = 0x8f, additems = 0x90, frozenset = 0x91,
  newobj_ex = 0x92, stack_global = 0x93, memoize = 0x94, frame = 0x95, bytearray8 = 0x96, next_buffer = 0x97,
  readonly_buffer = 0x98,
};
}  // namespace op
// clang-format on

// "REDUCE"; empty for a byte that is no opcode.
std::string_view opcode_name(std::uint8_t opcode);

struct Instruction {
  std::uint8_t opcode = 0;
  std::uint64_t offset = 0;  // of the opcode's byte
  std::int64_t number = 0;   // the numeric argument; undefined where it does not fit
  bool fits = true;          // `number` holds the argument
  std::string_view text;     // bytes of the argument: a line without its end, or counted bytes
  std::string_view second;   // the second line of GLOBAL and INST
};

class OpcodeReader {
 public:
  OpcodeReader(std::string_view bytes, std::uint64_t offset) : bytes_(bytes), position_(offset) {}

  enum class Step { ok, end, broken };
  // `end` at the end of the bytes, between opcodes; `broken` for a byte that is no opcode or an argument that is cut
  // off or malformed. `instruction.offset` is set in every case.
  Step next(Instruction& instruction) {
    instruction.offset = position_;
    if (position_ >= bytes_.size()) return Step::end;
    instruction.opcode = static_cast<std::uint8_t>(bytes_[position_]);
    instruction.fits = true;
    if (!stands_alone[instruction.opcode]) return next_with_argument(instruction);
    ++position_;
    return Step::ok;
  }
  std::uint64_t position() const { return position_; }

 private:
  // Opcodes without an argument: most of a pickle's.
  static const std::array<bool, 256> stands_alone;

  Step next_with_argument(Instruction& instruction);
  bool take(std::uint64_t count, std::string_view& out);
  bool take_line(std::string_view& out);
  bool take_number(unsigned width, std::uint64_t& out);
  bool take_counted(unsigned width, std::string_view& out);
  bool take_argument(std::uint8_t kind, Instruction& instruction);

  std::string_view bytes_;
  std::uint64_t position_;
};

}  // namespace penstock::gates::security
