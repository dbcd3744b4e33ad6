// Promotions decided again under a policy that wants the audit log kept elsewhere first.
#include "tests/engine/replay_story.hpp"

namespace penstock::engine {

TEST_CASE("an acknowledgement that is demanded takes as long as it took then, and one that never came does not come") {
  auto audited = two_stages();
  audited.audit = {{"vault"}, 2h};
  Past past(audited);
  past.pass({"contract", "scan", "style"}).approve("ann").after(5min);
  past.tell(core::EntriesAcknowledged{"prm_1", 1, 12}).deliver();
  CHECK(past.ends(audited) == "delivered");
  CHECK(past.ends(two_stages()) == "delivered");
  CHECK(delivered_past().ends(audited) == "delivered");
  Past never(audited);
  never.pass({"contract", "scan", "style"}).approve("ann").after(2h).expire("window");
  never.after(24h * 7).expire("hold");
  CHECK(never.ends(audited) == "expired");
}

}  // namespace penstock::engine
