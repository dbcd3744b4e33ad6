#include <algorithm>
#include <array>

#include "daemon/intake/guard.hpp"

namespace penstock::intake {
namespace {

// Everything else is answered with 501 (RFC 9110 §9.1); TRACE and CONNECT have no place here.
constexpr std::array<std::string_view, 7> known_methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// RFC 9110 §5.6.2
bool is_token_byte(char byte) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         marks.find(byte) != std::string_view::npos;
}

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }

}  // namespace

HeadScan::State HeadScan::refuse(int status, std::string message, std::string hint) {
  refusal_ = {status, {"malformed-request", std::move(message), {}, std::move(hint)}};
  return State::refused;
}

HeadScan::State HeadScan::feed(std::string_view bytes) {
  while (state_ == State::more && position_ < bytes.size()) {
    const char byte = bytes[position_];
    const char previous = position_ > begin_ ? bytes[position_ - 1] : '\0';
    state_ = take_byte(byte, previous);
    ++position_;
    if (state_ == State::more && byte == '\n')
      state_ = take_line(bytes.substr(line_, position_ - 2 - line_), position_);
  }
  return state_;
}

HeadScan::State HeadScan::take_byte(char byte, char previous) {
  if (byte == '\n') {
    if (previous != '\r') return refuse(400, "a line of the request's head ends with LF alone; CRLF is needed");
  } else if (previous == '\r') {
    return refuse(400, "the request's head holds a CR that no LF follows");
  } else if (is_control(byte) && byte != '\r' && !(byte == '\t' && in_fields_)) {
    return refuse(400, "the request's head holds a control character");
  } else if (!in_fields_ && static_cast<unsigned char>(byte) > 0x7e) {
    return refuse(400, "the request line holds a byte that is not printable ASCII", "percent-encode it");
  }
  // Method and version take at most 64 bytes beside the target.
  const auto length = position_ + 1 - begin_;
  if (!in_fields_ && length > limits_->target_bytes + 64)
    return refuse(
        414, "the request line is longer than a target of " + std::to_string(limits_->target_bytes) + " bytes allows");
  if (length > limits_->header_bytes)
    return refuse(431, "the request's head is larger than " + std::to_string(limits_->header_bytes) + " bytes");
  return State::more;
}

HeadScan::State HeadScan::take_line(std::string_view line, std::size_t next) {
  line_ = next;
  if (!in_fields_) {
    if (line.empty() && !skipped_line_) {
      skipped_line_ = true;
      begin_ = next;
      return State::more;
    }
    in_fields_ = true;
    return take_request_line(line);
  }
  if (line.empty()) {
    end_ = next;
    return State::whole;
  }
  if (line[0] == ' ' || line[0] == '\t')
    return refuse(400, "a header field is folded over several lines", "send each field on one line (RFC 9112 §5.2)");
  if (++fields_ > limits_->header_fields)
    return refuse(431, "the request has more than " + std::to_string(limits_->header_fields) + " header fields");
  return State::more;
}

HeadScan::State HeadScan::take_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last ||
      line.substr(first + 1, last - first - 1).find(' ') != std::string_view::npos)
    return refuse(400, "the request line is not `METHOD target HTTP/1.1`");
  const auto method = line.substr(0, first);
  const auto version = line.substr(last + 1);
  if (method.empty() || !std::all_of(method.begin(), method.end(), is_token_byte))
    return refuse(400, "the method is not a token");
  const bool has_version = version.size() == 8 && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!has_version) return refuse(400, "the request line does not end with an HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refuse(505, std::string(version) + " is not spoken here", "use HTTP/1.1");
  if (std::find(known_methods.begin(), known_methods.end(), method) == known_methods.end())
    return refuse(501, "the method " + std::string(method.substr(0, 32)) + " is not known here");
  return take_target(line.substr(first + 1, last - first - 1));
}

HeadScan::State HeadScan::take_target(std::string_view target) {
  if (target.size() > limits_->target_bytes)
    return refuse(414, "the target is longer than " + std::to_string(limits_->target_bytes) + " bytes");
  if (target.empty() || target[0] != '/')
    return refuse(400, "the target is not a path that begins with `/`", "use the origin form (RFC 9112 §3.2.1)");
  if (target.find('#') != std::string_view::npos)
    return refuse(400, "the target holds a fragment", "leave out `#` and what follows it");
  return State::more;
}

}  // namespace penstock::intake
