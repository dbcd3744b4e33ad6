// Which of the other daemons has been silent for a whole lease, as this one has seen it by its own clock. The
// database's clock alone cannot tell: when it is set forward, everybody is past their time at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace penstock::journal {

// What another daemon showed last, as it stands in the database.
struct PostgresSign {
  std::int64_t epoch = 0;
  std::string name;
  std::int64_t alive_until = 0;  // microseconds since 1970
  bool past = false;             // by the database's clock

  bool operator==(const PostgresSign&) const = default;
};

class PostgresSilence {
 public:
  explicit PostgresSilence(std::chrono::milliseconds lease) : lease_(lease) {}

  // Those of `shown` who are past their time and have shown nothing new for a whole lease. The question was sent at
  // `asked` and its answer was there at `answered`, by a clock that goes on while the machine sleeps.
  std::vector<PostgresSign> among(const std::vector<PostgresSign>& shown, std::chrono::milliseconds asked,
                                  std::chrono::milliseconds answered);
  // For who could not look for a while: what happened meanwhile was not seen, so everybody has a whole lease again.
  void forget() { seen_.clear(); }

 private:
  struct Seen {
    std::int64_t alive_until = 0;
    std::chrono::milliseconds since{0};  // when it was first seen
  };
  const std::chrono::milliseconds lease_;
  std::map<std::int64_t, Seen> seen_;  // by epoch
};

}  // namespace penstock::journal
