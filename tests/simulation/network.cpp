#include "tests/simulation/network.hpp"

#include <algorithm>

namespace penstock::simulation {

using namespace std::chrono_literals;
using core::Problem;
using core::Result;
using sdk::HttpResponse;

namespace {

std::string host_of(const std::string& url) {
  const auto begin = url.find("//") + 2;
  return url.substr(begin, url.find('/', begin) - begin);
}

HttpResponse answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace

void Network::change_moods() {
  constexpr Mood bad[] = {Mood::away, Mood::hangs, Mood::trickles, Mood::fails, Mood::garbles, Mood::busy};
  for (auto& [host, place] : peers_) place.mood = world_.chance.percent(60) ? Mood::well : world_.chance.one_of(bad);
}

void Network::heal() {
  for (auto& [host, place] : peers_) place.mood = Mood::well;
}

// Now and then something goes wrong that is over at once.
Network::Mood Network::mood_now(const Place& place) {
  constexpr Mood bad[] = {Mood::away, Mood::hangs, Mood::trickles, Mood::fails, Mood::garbles, Mood::busy};
  if (!world_.faults) return Mood::well;
  if (place.mood != Mood::well) return world_.chance.percent(80) ? place.mood : Mood::well;
  return world_.chance.percent(90) ? Mood::well : world_.chance.one_of(bad);
}

Result<HttpResponse> Network::lost(Machine& from, core::Duration patience, const std::string& host) {
  from.wait(patience);
  return Problem{"timeout", "no answer within " + core::to_text(patience), host, "", true};
}

void Network::arrives_again(Peer& peer, const sdk::HttpRequest& request, const std::string& host) {
  const auto later = world_.chance.percent(50) ? world_.between(1ms, 2s) : world_.between(2s, 8min);
  ++on_the_way_;
  world_.schedule.after(later, the_world, [this, &peer, request, host] {
    --on_the_way_;
    world_.history.tell(host, "gets a request late, or again");
    peer.receive(request);
  });
}

Result<HttpResponse> Network::exchange(Machine& from, const sdk::HttpRequest& request, core::Duration patience) {
  const auto host = host_of(request.url);
  auto& place = peers_.at(host);
  auto& chance = world_.chance;
  const auto most = std::min(patience, request.timeout);
  if (most <= core::Duration(0)) return lost(from, core::Duration(0), host);
  const auto quick = world_.between(200us, 80ms);
  switch (mood_now(place)) {
    case Mood::well:
      break;
    case Mood::away:
      from.wait(quick);
      return Problem{"unreachable", "connection refused", host, "", true};
    case Mood::hangs:
      // Before it took the request in, or after; or the request is still on its way when the daemon gives up.
      if (chance.percent(50)) place.peer->receive(request);
      if (chance.percent(20)) arrives_again(*place.peer, request, host);
      return lost(from, most, host);
    case Mood::trickles: {
      const auto takes = world_.between(1s, 40s);
      auto response = place.peer->receive(request);
      if (takes >= most) return lost(from, most, host);
      from.wait(takes);
      return response;
    }
    case Mood::fails:
      if (chance.percent(40)) place.peer->receive(request);
      from.wait(quick);
      return answer(500, "");
    case Mood::garbles:
      if (chance.percent(50)) place.peer->receive(request);
      from.wait(quick);
      return answer(chance.percent(50) ? 502 : 503, "<html>\x01\xff{");
    case Mood::busy: {
      auto response = answer(chance.percent(50) ? 429 : 503, "");
      response.headers.emplace_back("retry-after", std::to_string(chance.between(1, 90)));
      from.wait(quick);
      return response;
    }
  }
  auto response = place.peer->receive(request);
  from.wait(quick);
  if (world_.faults && chance.percent(5)) arrives_again(*place.peer, request, host);
  return response;
}

}  // namespace penstock::simulation
