#include "daemon/engine/followers.hpp"

#include <algorithm>

#include "daemon/runtime/digest.hpp"

namespace penstock::engine {
namespace {

// No source is called so: a name holds no slash.
constexpr const char* cursor_name = "policies/after";

// Which lane follows which depends on what covers a model as well.
std::string digest_of(const AllPolicies& policies) {
  std::string text;
  for (const auto& policy : policies) {
    text += policy->model + "\n" + policy->environment + "\n";
    if (policy->after) text += policy->after->environment + " " + core::to_text(policy->after->soak);
    text += "\n";
  }
  return runtime::sha256(text).text();
}

bool may_be_followed(const core::LaneKey& lane, const AllPolicies& policies) {
  return std::any_of(policies.begin(), policies.end(), [&](const auto& policy) {
    return policy->after && policy->after->environment == lane.environment &&
           core::glob_match(policy->model, lane.model);
  });
}

}  // namespace

asio::awaitable<core::Result<void>> tell_of_followers(Engine& engine, journal::Journal& journal,
                                                      runtime::BlockingPool& pool, AllPolicies policies) {
  const auto digest = digest_of(policies);
  auto* rows = &journal;
  const auto told = co_await pool.run([rows] { return rows->cursor(cursor_name); });
  if (!told) co_return told.error();
  if (*told == digest) co_return core::Result<void>();
  const auto lanes = co_await pool.run([rows] { return rows->lanes(); });
  if (!lanes) co_return lanes.error();
  for (const auto& lane : *lanes) {
    if (!may_be_followed(lane.key, policies)) continue;
    core::Event changed = core::FollowersChanged{lane.key, ""};
    const auto outcome = co_await engine.submit(std::move(changed));
    if (!outcome) co_return outcome.error();
  }
  co_return co_await engine.set_cursor(cursor_name, digest);
}

}  // namespace penstock::engine
