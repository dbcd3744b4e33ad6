// The way to the peers, and what goes wrong on it and with them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "plugins/sdk/http.hpp"
#include "tests/simulation/machine.hpp"

namespace penstock::simulation {

// Somebody whom daemons call over HTTP.
class Peer {
 public:
  virtual ~Peer() = default;
  // Takes the request in; an answer that gets lost was given all the same.
  virtual sdk::HttpResponse receive(const sdk::HttpRequest& request) = 0;
};

class Network {
 public:
  explicit Network(World& world) : world_(world) {}

  void join(const std::string& host, Peer& peer) { peers_[host].peer = &peer; }
  // One call from a daemon, which waits for it at most `patience`.
  core::Result<sdk::HttpResponse> exchange(Machine& from, const sdk::HttpRequest& request, core::Duration patience);
  // Some peers are in another mood from now on.
  void change_moods();
  // Everybody is well.
  void heal();
  // Requests that have not arrived yet.
  int on_the_way() const { return on_the_way_; }

 private:
  enum class Mood { well, away, hangs, trickles, fails, garbles, busy };
  struct Place {
    Peer* peer = nullptr;
    Mood mood = Mood::well;
  };
  Mood mood_now(const Place& place);
  core::Result<sdk::HttpResponse> lost(Machine& from, core::Duration patience, const std::string& host);
  void arrives_again(Peer& peer, const sdk::HttpRequest& request, const std::string& host);

  World& world_;
  std::map<std::string, Place> peers_;
  int on_the_way_ = 0;
};

}  // namespace penstock::simulation
