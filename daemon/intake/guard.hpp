// The guard before the body: what could be read in two ways by two HTTP readers is refused, never repaired.
//
// Rules: RFC 9112 §2.2 (line ends), §3 (request line), §3.2 (Host, target), §5.1-5.2 (fields, obs-fold), §6.1-6.3
// (framing); RFC 9110 §7.2, §8.6, §10.1.1. Boost.Beast 1.81 accepts many of these requests; see the tests' table.
// Every refusal ends the connection: after one, nobody knows where the next request begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/intake/problem.hpp"
#include "daemon/intake/server_limits.hpp"

namespace penstock::intake {

// A request's head as it was received.
struct Head {
  std::string method;
  std::string target;
  int version = 11;                                          // 10 or 11
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order received
};

// Looks at the raw bytes of a head while they arrive: where it ends, and everything that only shows in the raw bytes
// (bare CR or LF, control characters, folded lines, lengths, the request line's form).
class HeadScan {
 public:
  enum class State {
    more,     // not whole yet
    whole,    // the head is [begin(), end()) of the bytes
    refused,  // refusal() says why
  };
  explicit HeadScan(const Limits& limits) : limits_(&limits) {}

  // `bytes` is everything received since the scan began; only what is new is looked at.
  State feed(std::string_view bytes);
  // One empty line before the request line is skipped (RFC 9112 §2.2).
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  const Refusal& refusal() const { return refusal_; }

 private:
  State refuse(int status, std::string message, std::string hint = "");
  State take_byte(char byte, char previous);
  State take_line(std::string_view line, std::size_t next);
  State take_request_line(std::string_view line);
  State take_target(std::string_view target);

  const Limits* limits_;
  std::size_t position_ = 0;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;  // where the current line begins
  std::size_t end_ = 0;
  std::size_t fields_ = 0;
  bool in_fields_ = false;
  bool skipped_line_ = false;
  State state_ = State::more;
  Refusal refusal_;
};

// How the body of a request is framed, and what its head says about the connection.
struct BodyPlan {
  enum class Kind {
    none,
    sized,    // `length` bytes, more than 0
    chunked,  // of unknown length
  };
  Kind kind = Kind::none;
  std::uint64_t length = 0;
  bool expects_continue = false;
  bool keep_alive = true;
};

// Judges the parsed head.
std::variant<BodyPlan, Refusal> check_head(const Head& head);

}  // namespace penstock::intake
