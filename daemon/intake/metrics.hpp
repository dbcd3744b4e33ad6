// What /metrics tells, in the Prometheus text exposition format 0.0.4. Lives on the engine's thread.
//
// Labels hold only what is configured or fixed (routes, hooks, sources, environments, phases): never a model, a version
// or anything else that a caller can make up, so that the number of series stays small.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/engine/feed.hpp"

namespace penstock::intake {

namespace asio = boost::asio;

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metrics {
 public:
  Metrics();
  // `name` is one of the families of metrics.cpp; another one is a bug and throws std::out_of_range.
  void add(const std::string& name, const Labels& labels, double by = 1);
  void set(const std::string& name, const Labels& labels, double value);
  double value(const std::string& name, const Labels& labels) const;  // 0 when it was never counted
  std::string text() const;

 private:
  struct Family {
    std::string type;  // "counter" or "gauge"
    std::string help;
    std::map<std::string, double> series;  // by the labels as they are printed
  };
  std::map<std::string, Family> families_;
};

// One answer of the server; `operation` is empty where no route was found.
void count_answer(Metrics& metrics, const std::string& operation, int status, std::chrono::duration<double> took);

// Counts journalled events by name and promotions by the phase they come to, until the feed is stopped.
asio::awaitable<void> count_feed(Metrics& metrics, engine::Feed& feed);

}  // namespace penstock::intake
