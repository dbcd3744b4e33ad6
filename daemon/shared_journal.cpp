#include "daemon/shared_journal.hpp"

#include <cstdlib>

#include "daemon/runtime/log.hpp"

namespace penstock {
namespace {

// sysexits.h, EX_TEMPFAIL: start me again.
constexpr int try_again = 75;

}  // namespace

void share_evidence(runtime::ContentStore& store, journal::Shared& shared) {
  store.share({[&shared](const core::Digest& digest, std::string_view content) {
                 return shared.keep_document(digest, content);
               },
               [&shared](const core::Digest& digest) { return shared.document(digest); }});
}

void hear(journal::Shared& shared, engine::Engine& engine, intake::Watcher& watcher) {
  shared.listen({[&engine] { engine.catch_up(); },
                 [&watcher](const std::string& source, const std::string& hook) { watcher.nudge(source, hook); }});
}

void end_fenced(const core::Problem& why) {
  runtime::log_error("daemon.fenced", {{"problem", core::to_text(why)}});
  std::_Exit(try_again);
}

}  // namespace penstock
