// CSV as RFC 4180 has it, record by record, telling every departure from it instead of guessing. Records end with LF or
// CRLF; a UTF-8 byte order mark is skipped; empty lines at the end of the file are not records.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::gates::data_contract::worker {

struct Field {
  std::string_view text;  // unquoted; points into the record
  bool quoted = false;
};

struct Record {
  std::int64_t line = 0;  // of the file, where it begins; counts from 1
  // Empty when well formed, else what is wrong: the fields are then not to be trusted.
  std::string fault;
  // Nothing after this record can be read.
  bool fatal = false;
  std::vector<Field> fields;
};

class CsvReader {
 public:
  // Gives the next bytes, fewer than asked for only at the end; empty = the end. What it returns stays valid until the
  // next call.
  using Source = std::function<std::string_view()>;
  static constexpr std::size_t max_record = 16 << 20;  // bytes
  static constexpr std::size_t max_fields = 100'000;

  CsvReader(Source source, char delimiter) : source_(std::move(source)), delimiter_(delimiter) {}

  // False at the end of the file. `record` is valid until the next call.
  bool next(Record& record);

 private:
  struct End {
    std::size_t offset;
    bool quoted;
  };

  int peek();  // the next byte, or -1 at the end
  void step();
  bool begin(Record& record);
  void read_fields(Record& record);
  bool read_quoted(Record& record);
  void read_unquoted(Record& record);
  void end_field(bool quoted);
  bool at_line_end();
  void spoil(Record& record, const char* fault) const;
  void finish(Record& record) const;

  Source source_;
  char delimiter_;
  std::string_view buffer_;
  std::string carried_;  // a piece that begins with what was left of the one before
  std::size_t position_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  std::int64_t line_ = 1;
  std::int64_t blank_lines_ = 0;  // read over and still to be told
  std::string text_;              // the record's fields, one after another
  std::vector<End> ends_;
};

// Whether all of it is well-formed UTF-8 (RFC 3629) without NUL.
bool is_clean_text(std::string_view text);

}  // namespace penstock::gates::data_contract::worker
