// Finds the route of a request in the table, and checks the request against what its route declares.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/intake/guard.hpp"
#include "daemon/intake/http.hpp"
#include "daemon/intake/problem.hpp"

namespace penstock::intake {

class Router {
 public:
  // Throws std::invalid_argument for a table that cannot be meant: two rows for one method and path, an operation used
  // twice, a path that does not begin with `/`, a row without a handler.
  explicit Router(Routes routes);

  struct Match {
    const Route* route = nullptr;  // owned by the router
    std::string path;              // decoded
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> parameters;
  };

  // `target` in origin form. A literal segment goes before a parameter; HEAD is answered by GET's route where it has
  // none of its own. Refusals: 400 malformed encoding, unknown or repeated query key; 404; 405 with Allow.
  std::variant<Match, Refusal> find(std::string_view method, std::string_view target) const;

  // Whether the route takes the body that the head announces: 400 where none is taken, 413, 415.
  static std::optional<Refusal> check_body(const Route& route, const BodyPlan& plan, const Head& head);

  const Routes& routes() const { return routes_; }

 private:
  struct Segment {
    std::string text;  // the literal, or the parameter's name
    bool is_parameter = false;
  };
  struct Row {
    std::vector<Segment> segments;
    std::size_t route = 0;
  };
  static std::vector<Segment> read_template(const std::string& path);
  static bool fits(const Row& row, const std::vector<std::string>& segments);

  Routes routes_;
  std::vector<Row> rows_;  // those with literal segments first
};

}  // namespace penstock::intake
