// A witness elsewhere that cosigns checkpoints which go on from all it has seen (https://c2sp.org/tlog-witness).
#pragma once

#include <functional>
#include <string>

#include "daemon/audit/acknowledger.hpp"
#include "plugins/sdk/http.hpp"

namespace penstock::audit {

class Witness : public Acknowledger {
 public:
  struct Parts {
    sdk::Http& http;
    Verifier key;     // KeyKind::witness
    std::string url;  // the prefix: "add-checkpoint" is put behind it
    bool allow_private = false;
    core::Duration timeout = std::chrono::seconds(10);
    // Takes what it has cosigned: the checkpoint as the log signed it, and the cosignature's line.
    std::function<void(const std::string& note, const std::string& line)> cosigned{};
  };
  explicit Witness(Parts parts) : parts_(std::move(parts)) {}

  // Problems: "witness-refused" (its answer, told), "bad-note" (its cosignature does not fit), "audit-differs" (it has
  // seen another history), "audit-ahead" (transient: it has seen more), those of sdk::Http.
  core::Result<std::uint64_t> bring(const Published& log) override;

 private:
  core::Result<sdk::HttpResponse> send(const Published& log, const std::string& note, std::uint64_t former);
  core::Result<std::uint64_t> accept(const Published& log, const std::string& note, const std::string& body);

  Parts parts_;
  std::uint64_t seen_ = 0;  // the size that it has seen, as far as we know
};

}  // namespace penstock::audit
