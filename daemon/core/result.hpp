// The one result channel: a value, or a Problem that a person can act on.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace penstock::core {

// What went wrong, told to a person. `code` is stable and for programs (`journal-full`, `stale-decision`);
// `message` says what was observed and what was needed; `where` names the file, address or object;
// `hint` says what to do next. No field ever holds a secret.
struct Problem {
  Problem() = default;
  // A constructor because an aggregate could be made of a single text, and Result<std::string> could not tell them
  // apart.
  Problem(std::string the_code, std::string the_message, std::string place = {}, std::string what_next = {},
          bool may_pass = false)
      : code(std::move(the_code)),
        message(std::move(the_message)),
        where(std::move(place)),
        hint(std::move(what_next)),
        transient(may_pass) {}

  std::string code;
  std::string message;
  std::string where;
  std::string hint;
  // True when the same request may succeed later without anybody changing anything (a peer that was away).
  bool transient = false;

  bool operator==(const Problem&) const = default;
};

// "message (where): hint", leaving out what is empty.
inline std::string to_text(const Problem& problem) {
  std::string text = problem.message;
  if (!problem.where.empty()) text += " (" + problem.where + ")";
  if (!problem.hint.empty()) text += ": " + problem.hint;
  return text;
}

template <class T>
using Result = boost::system::result<T, Problem>;

// Thrown by Result::value() on a Problem: reading a value that is not there is a bug of the caller.
class ProblemError : public std::runtime_error {
 public:
  explicit ProblemError(Problem problem) : std::runtime_error(to_text(problem)), problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

[[noreturn]] inline void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
  throw ProblemError(problem);
}

}  // namespace penstock::core
