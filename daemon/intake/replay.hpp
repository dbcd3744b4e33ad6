// What was answered already: deliveries of hooks, and requests with an Idempotency-Key.
//
// Lives on the engine's thread. Keys: "hook/<hook>/<delivery id>", "hook/<hook>/sha256:<body digest>" where the id is
// not covered by the signature, "request/<caller>/<Idempotency-Key>". They outlive a restart.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/engine/engine.hpp"

namespace penstock::intake {

namespace asio = boost::asio;

class Replay {
 public:
  // Answers are remembered for `keep`: well above twice the tolerance of any signature's time stamp.
  Replay(engine::Engine& engine, journal::Journal& journal, runtime::BlockingPool& pool, const runtime::Clock& clock,
         core::Duration keep = std::chrono::hours(24))
      : engine_(engine), journal_(journal), pool_(pool), clock_(clock), keep_(keep) {}

  // What was answered under any of `keys`.
  asio::awaitable<core::Result<std::optional<std::string>>> find(std::vector<std::string> keys);
  // Remembers `answer` under each key, in order; false as soon as one of them is there already.
  asio::awaitable<core::Result<bool>> remember(std::vector<std::string> keys, std::string answer);

  // Held while a request of this key is being answered, so that its twin does not act beside it.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : replay_(other.replay_), key_(std::move(other.key_)) { other.replay_ = nullptr; }
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (replay_ != nullptr) replay_->under_way_.erase(key_);
    }

   private:
    friend class Replay;
    Turn(Replay* replay, std::string key) : replay_(replay), key_(std::move(key)) {}
    Replay* replay_;
    std::string key_;
  };
  // Nothing when another request of this key is being answered.
  std::optional<Turn> take_turn(const std::string& key) {
    if (!under_way_.insert(key).second) return std::nullopt;
    return Turn(this, key);
  }

 private:
  engine::Engine& engine_;
  journal::Journal& journal_;
  runtime::BlockingPool& pool_;
  const runtime::Clock& clock_;
  core::Duration keep_;
  std::set<std::string> under_way_;
};

}  // namespace penstock::intake
