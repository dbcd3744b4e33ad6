#include "daemon/audit_log.hpp"

#include <filesystem>

#include "daemon/audit/cosignature.hpp"
#include "daemon/audit/folder_store.hpp"
#include "daemon/audit/sink.hpp"
#include "daemon/audit/witness.hpp"
#include "plugins/sinks/git_store.hpp"

namespace penstock {
namespace {

// A commit, and a witness' work, cost more than a file.
constexpr std::chrono::milliseconds between_commits(1000);
constexpr std::chrono::milliseconds between_cosignatures(1000);
constexpr std::chrono::milliseconds between_copies(100);

std::unique_ptr<sdk::LogStore> store_of(const SinkEntry& sink, const std::string& data, const runtime::Clock& clock) {
  if (sink.kind == SinkSort::file) return std::make_unique<audit::FolderStore>(sink.folder);
  sinks::GitStoreSettings settings;
  settings.repository = sink.repository;
  settings.branch = sink.branch;
  settings.mirror = std::filesystem::path(data) / "sinks" / (sink.name + ".git");
  if (sink.basic_auth) settings.credentials = {sink.basic_auth->user, sink.password};
  settings.allow_private = sink.allow_private;
  settings.now = [&clock] { return clock.now(); };
  return std::make_unique<sinks::GitStore>(std::move(settings));
}

}  // namespace

std::vector<audit::NamedAcknowledger> AuditLog::acknowledgers(const Settings& settings, const runtime::Clock& clock) {
  std::vector<audit::NamedAcknowledger> all;
  for (const auto& sink : settings.audit->sinks)
    all.push_back({sink.name, std::string(core::name_of(sink.kind)),
                   std::make_unique<audit::Sink>(store_of(sink, settings.data, clock)),
                   sink.kind == SinkSort::git ? between_commits : between_copies});
  for (const auto& witness : settings.audit->witnesses) {
    auto key = audit::Verifier::parse_witness(witness.key).value();  // the settings were checked
    const auto file = audit::witness_file(key);
    audit::Witness::Parts parts{http_, std::move(key), witness.url, witness.allow_private};
    parts.cosigned = [this, file](const std::string& note, const std::string& line) {
      const std::lock_guard lock(mutex_);
      if (linked_) publisher_->keep({file, note, line});
    };
    all.push_back({witness.name, "witness", std::make_unique<audit::Witness>(std::move(parts)), between_cosignatures});
  }
  return all;
}

core::Result<std::unique_ptr<AuditLog>> AuditLog::open(const Settings& settings, journal::Journal& journal,
                                                       const runtime::Clock& clock) {
  if (!settings.audit) return std::unique_ptr<AuditLog>();
  auto signer = audit::Signer::parse(settings.audit->key_text);
  if (!signer) return signer.error();
  const auto verifier = signer->verifier();
  std::unique_ptr<AuditLog> log(new AuditLog());
  audit::Publisher::Parts publishing{journal, settings.audit->folder, *signer};
  publishing.published = [self = log.get()] {
    const std::lock_guard lock(self->mutex_);
    if (!self->linked_) return;
    self->acknowledgements_->wake();
    self->attester_->wake();
  };
  auto publisher = audit::Publisher::open(std::move(publishing));
  if (!publisher) return publisher.error();
  log->publisher_ = std::move(*publisher);
  audit::Attester::Parts attesting{journal, settings.audit->folder, std::move(*signer)};
  attesting.published = [publisher = log->publisher_.get()] { return publisher->state().published; };
  auto attester = audit::Attester::open(std::move(attesting));
  if (!attester) return attester.error();
  log->attester_ = std::move(*attester);
  audit::Acknowledgements::Parts elsewhere{settings.audit->folder, verifier, [&clock] { return clock.now(); },
                                           log->acknowledgers(settings, clock)};
  // Whoever is faster than this waits for it.
  const std::lock_guard lock(log->mutex_);
  log->acknowledgements_ = std::make_unique<audit::Acknowledgements>(std::move(elsewhere));
  log->linked_ = true;
  return log;
}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    linked_ = false;
  }
  attester_.reset();
  publisher_.reset();
  acknowledgements_.reset();
}

std::function<std::vector<core::AcknowledgerState>()> states_of(const AuditLog* log) {
  return [log] { return log == nullptr ? std::vector<core::AcknowledgerState>() : log->states(); };
}

}  // namespace penstock
