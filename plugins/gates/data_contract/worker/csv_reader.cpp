#include "plugins/gates/data_contract/worker/csv_reader.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::gates::data_contract::worker {
namespace {

// The length of the well-formed sequence at the front (RFC 3629, section 4), 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const auto first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return !overlong && !surrogate && tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) >= 0x90;
    return !overlong && !beyond && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// Eight bytes at once: no high bit and no zero byte.
bool is_plain(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    constexpr std::uint64_t high = 0x8080808080808080U;
    constexpr std::uint64_t one = 0x0101010101010101U;
    if (((word | (word - one)) & high) != 0) return false;
  }
  for (; i < text.size(); ++i)
    if (text[i] <= 0) return false;
  return true;
}

}  // namespace

bool is_clean_text(std::string_view text) {
  if (is_plain(text)) return true;
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

int CsvReader::peek() {
  if (position_ == buffer_.size()) {
    if (ended_) return -1;
    buffer_ = source_();
    position_ = 0;
    if (buffer_.empty()) {
      ended_ = true;
      return -1;
    }
  }
  return static_cast<unsigned char>(buffer_[position_]);
}

void CsvReader::step() {
  if (buffer_[position_] == '\n') ++line_;
  ++position_;
}

bool CsvReader::begin(Record& record) {
  record = Record{};
  text_.clear();
  ends_.clear();
  if (!begun_) {
    begun_ = true;
    peek();
    if (buffer_.substr(0, 3) == "\xEF\xBB\xBF") position_ = 3;
    const auto mark = buffer_.substr(0, 2);
    if (mark == "\xFF\xFE" || mark == "\xFE\xFF") {
      record.line = 1;
      record.fault = "the file is UTF-16; UTF-8 is needed";
      record.fatal = ended_ = true;
      position_ = buffer_.size();
      return false;
    }
  }
  if (blank_lines_ == 0) {
    while (at_line_end()) {
      if (peek() == '\r') step();
      step();
      ++blank_lines_;
    }
    if (peek() < 0) return blank_lines_ = 0, false;
  }
  record.line = line_ - blank_lines_;
  return true;
}

bool CsvReader::next(Record& record) {
  if (!begin(record)) return record.fatal;
  if (blank_lines_ > 0) {
    --blank_lines_;
    end_field(false);
  } else {
    read_fields(record);
  }
  finish(record);
  return true;
}

// LF, or CR and LF. A CR alone is part of a field.
bool CsvReader::at_line_end() {
  const int c = peek();
  if (c == '\n') return true;
  if (c != '\r') return false;
  if (position_ + 1 < buffer_.size()) return buffer_[position_ + 1] == '\n';
  // The LF may be the first byte of the next piece: put the CR before it by hand. The piece it was in is gone.
  carried_.assign(1, '\r').append(source_());
  ended_ = carried_.size() == 1;
  buffer_ = carried_;
  position_ = 0;
  return buffer_.substr(0, 2) == "\r\n";
}

void CsvReader::read_fields(Record& record) {
  for (;;) {
    if (ends_.size() >= max_fields || text_.size() > max_record) {
      spoil(record, "the record is longer than 16 MiB or has more than 100 000 fields; nothing after it was read");
      record.fatal = ended_ = true;
      position_ = buffer_.size();
      return;
    }
    const bool quoted = peek() == '"';
    if (!quoted || !read_quoted(record)) read_unquoted(record);
    if (record.fatal) return;
    end_field(quoted);
    if (peek() < 0) return;
    if (at_line_end()) {
      if (peek() == '\r') step();
      step();
      return;
    }
    step();  // the delimiter
  }
}

// From the opening quote to the end of the field; false when something follows the closing quote.
bool CsvReader::read_quoted(Record& record) {
  const auto opened_on = line_;
  step();
  for (;;) {
    const int c = peek();
    if (c < 0 || text_.size() > max_record) {
      spoil(record, "");
      record.fault = "a quote that is opened on line " + std::to_string(opened_on) + " is not closed" +
                     (c < 0 ? "" : " within 16 MiB") + "; nothing after it was read";
      record.fatal = ended_ = true;
      position_ = buffer_.size();
      return true;
    }
    if (c != '"') {
      const auto rest = buffer_.substr(position_);
      const auto run = rest.substr(0, rest.find('"'));
      line_ += std::count(run.begin(), run.end(), '\n');
      text_ += run;
      position_ += run.size();
      continue;
    }
    step();
    if (peek() == '"') {
      text_ += '"';
      step();
      continue;
    }
    if (peek() < 0 || peek() == static_cast<unsigned char>(delimiter_) || at_line_end()) return true;
    spoil(record, "text follows a closing quote");
    return false;
  }
}

void CsvReader::read_unquoted(Record& record) {
  for (;;) {
    const int c = peek();
    if (c < 0 || c == static_cast<unsigned char>(delimiter_) || at_line_end()) return;
    if (c == '"') spoil(record, "a quote stands inside a field that is not quoted");
    if (c == '\r') spoil(record, "a carriage return stands alone");
    if (text_.size() > max_record) return;
    text_ += static_cast<char>(c);
    step();
    // What needs no look at all, in one go.
    auto end = position_;
    while (end < buffer_.size() && buffer_[end] != delimiter_ && buffer_[end] != '\n' && buffer_[end] != '\r' &&
           buffer_[end] != '"')
      ++end;
    text_ += buffer_.substr(position_, end - position_);
    position_ = end;
  }
}

void CsvReader::end_field(bool quoted) { ends_.push_back({text_.size(), quoted}); }

void CsvReader::spoil(Record& record, const char* fault) const {
  if (record.fault.empty()) record.fault = fault;
}

void CsvReader::finish(Record& record) const {
  std::size_t start = 0;
  const std::string_view text = text_;
  const bool plain = is_plain(text);
  record.fields.reserve(ends_.size());
  for (const auto& end : ends_) {
    record.fields.push_back({text.substr(start, end.offset - start), end.quoted});
    if (!plain && !is_clean_text(record.fields.back().text))
      spoil(record, "a field is not UTF-8 text, or holds a NUL byte");
    start = end.offset;
  }
}

}  // namespace penstock::gates::data_contract::worker
