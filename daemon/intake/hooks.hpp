// POST /hooks/{source}: what other systems tell, each under the signature of its kind.
//
// A hook never brings content: it makes a source look sooner, carries a configured approver's decision, or a configured
// receiver's receipt. The signature is verified over the raw bytes before anything is parsed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/intake/api_parts.hpp"
#include "daemon/intake/signature.hpp"

namespace penstock::intake {

enum class HookKind {
  post_receive,  // Penstock's own git hook, signed by Standard Webhooks: nudges a source
  github,        // pushes, signed as GitHub does: nudge a source
  mlflow,        // model version events of an MLflow server: nudge a source
  approvals,     // decisions of one configured approver, Standard Webhooks
  receipts,      // what became of deliveries to one configured receiver, Standard Webhooks
};

struct HookSettings {
  std::string name;  // the {source} of the path
  HookKind kind{};
  std::vector<std::string> secrets;  // any of them may have signed; none at all is refused
  std::string source;                // of post_receive, github, mlflow: the source that is nudged
  Caller approver;                   // of approvals: on whose behalf; a person
  std::string receiver;              // of receipts: only deliveries to this receiver are theirs to confirm
  core::Duration tolerance = std::chrono::minutes(5);  // of the time stamp, either way
};

class Hooks {
 public:
  // False when there is no such source.
  using Nudge = std::function<bool(const std::string& source, const std::string& hook)>;
  // Is told of each that was not signed as it must be, and why.
  using Refused = std::function<void(const Request& request, const core::Problem& problem)>;
  // Problems name the hook: "invalid-hook" (no secret, no source, an approver who is no person, a name twice) and those
  // of signing_key().
  static core::Result<Hooks> make(std::vector<HookSettings> settings, const ApiParts& parts, Nudge nudge,
                                  Refused refused = {});

  // 202 taken, or nothing to do; 404 unknown hook; 401 bad signature or stale time stamp; what the decision code
  // refuses. A repeat is answered as it was the first time and has no effect.
  asio::awaitable<Response> receive(Request request);

 private:
  struct Hook {
    HookSettings settings;
    std::vector<std::string> keys;
  };
  // What came under a good signature.
  struct Delivery {
    const Hook& hook;
    const Request& request;
    std::vector<std::string> replay_keys;
  };
  Hooks(const ApiParts& parts, Nudge nudge, Refused refused)
      : parts_(&parts), nudge_(std::move(nudge)), refused_(std::move(refused)) {}
  asio::awaitable<Response> take(const Delivery& delivery);
  asio::awaitable<Response> take_nudge(const Delivery& delivery);
  asio::awaitable<Response> take_once(const Delivery& delivery);
  asio::awaitable<Response> decide_by_hook(const Delivery& delivery);
  asio::awaitable<Response> confirm_by_hook(const Delivery& delivery);

  const ApiParts* parts_;
  Nudge nudge_;
  Refused refused_;
  std::map<std::string, Hook> hooks_;
};

}  // namespace penstock::intake
