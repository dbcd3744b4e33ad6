#include "daemon/audit/attester.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <limits>

#include "daemon/audit/attestation.hpp"
#include "daemon/audit/looked_at.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::audit {
namespace {

constexpr int entries_at_once = 512;
constexpr std::chrono::seconds pause_after_failure(1);
// Those who decide come first: what they have decided is attested as soon as there is time, or when somebody asks.
constexpr int niceness = 10;

// Names of files are made of it.
bool is_promotion_id(const core::PromotionId& id) {
  return !id.empty() && id.size() <= 64 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string file_of(const core::PromotionId& promotion) { return promotion + ".json"; }

// Later it may work; anything else stays as it is, whoever looks again.
bool may_pass(const core::Problem& problem) {
  return problem.transient || problem.code == "audit-failed" || problem.code == "journal-failed" ||
         problem.code == "journal-full";
}

}  // namespace

core::Result<std::unique_ptr<Attester>> Attester::open(Parts parts) {
  auto folder = Folder::open(parts.folder / attestations_folder);
  if (!folder) return folder.error();
  std::unique_ptr<Attester> attester(new Attester(std::move(parts), std::move(*folder)));
  if (auto loaded = attester->load(); !loaded) return loaded.error();
  attester->thread_ = std::thread([self = attester.get()] { self->serve(); });
  pthread_setname_np(attester->thread_.native_handle(), "attest");
  return attester;
}

Attester::Attester(Parts parts, Folder folder) : parts_(std::move(parts)), folder_(std::move(folder)) {}

Attester::~Attester() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  called_.notify_one();
  thread_.join();
}

// Where what is kept cannot be trusted, all entries are looked at again, which only costs time: what is attested stays.
core::Result<void> Attester::load() {
  const auto file = folder_.root() / looked_at_file;
  const auto envelope = read_file(file, longest_envelope);
  if (envelope && !*envelope) return {};
  const auto number =
      envelope ? unseal_looked_at(**envelope, verifier()) : core::Result<std::uint64_t>(envelope.error());
  const auto journalled = parts_.journal.audit_size();
  if (!journalled) return journalled.error();
  if (number && *number <= static_cast<std::uint64_t>(*journalled)) {
    next_ = *number;
    return {};
  }
  const auto why = number ? "it says " + std::to_string(*number) + ", and the journal has " +
                                std::to_string(*journalled) + " entries"
                          : number.error().message;
  runtime::log_warning("audit.looked_at_refused", {{"file", file.string()}, {"problem", why}});
  return {};
}

std::uint64_t Attester::published() const {
  return parts_.published ? parts_.published() : std::numeric_limits<std::uint64_t>::max();
}

void Attester::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (woken_) return;
    woken_ = true;
  }
  called_.notify_one();
}

std::uint64_t Attester::looked_at() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

std::string Attester::sealed(const nlohmann::json& statement) const {
  return seal(parts_.signer, in_toto_type, core::json_text(statement));
}

core::Result<std::optional<std::string>> Attester::kept(const core::PromotionId& promotion) const {
  const auto file = folder_.root() / file_of(promotion);
  auto bytes = read_file(file, longest_envelope);
  if (!bytes || !*bytes) return bytes;
  if (const auto opened = open_attestation(**bytes, promotion, verifier()); !opened)
    return core::Problem{"audit-damaged",
                         "the attestation that is kept is not the one that was signed: " + opened.error().message,
                         file.string(), "restore the file from a copy; it is never written over", false};
  return bytes;
}

core::Result<std::string> Attester::attest(const core::PromotionId& promotion) {
  const auto record = read_record(parts_.journal, promotion);
  if (!record) return record.error();
  const auto statement = attestation_of(*record, verifier().name);
  if (!statement) return statement.error();
  auto envelope = sealed(*statement);
  const auto entry = statement->at("predicate").at(decision_member).at("entry").get<std::uint64_t>();
  if (entry >= published()) return envelope;
  if (auto put = folder_.put(file_of(promotion), envelope); !put) return put.error();
  return envelope;
}

core::Result<std::string> Attester::attestation(const core::PromotionId& promotion) {
  if (!is_promotion_id(promotion))
    return core::Problem{"unknown-promotion", "there is no promotion of such an id", "",
                         "list them with GET /v1/promotions", false};
  const std::lock_guard lock(folder_mutex_);
  auto present = kept(promotion);
  if (!present) return present.error();
  if (*present) return std::move(**present);
  auto envelope = attest(promotion);
  if (!envelope) return envelope;
  if (auto synced = folder_.sync(); !synced) return synced.error();
  return envelope;
}

// What cannot be attested is told once and passed over, so that it holds up no other one; whoever asks for it is told
// again. A disk or a journal that fails is waited for.
core::Result<void> Attester::tell(const core::Result<std::string>& attested, const core::PromotionId& promotion) {
  if (attested) return {};
  if (may_pass(attested.error())) return attested.error();
  runtime::log_error("audit.not_attested", {{"promotion", promotion}, {"problem", core::to_text(attested.error())}});
  return {};
}

core::Result<bool> Attester::look() {
  auto next = looked_at();
  const auto until = published();
  if (next >= until) return false;
  const auto most = std::min<std::uint64_t>(entries_at_once, until - next);
  const auto rows = parts_.journal.audit(static_cast<std::int64_t>(next), static_cast<int>(most));
  if (!rows) return rows.error();
  if (rows->empty()) return false;
  int attested = 0;
  {
    const std::lock_guard lock(folder_mutex_);
    for (const auto& row : *rows) {
      if (attested == parts_.at_once) break;
      next = static_cast<std::uint64_t>(row.index) + 1;
      if (!is_promotion_id(row.promotion) || !may_decide_by_text(row.entry)) continue;
      const auto entry = core::read_json(row.entry, {8, 1000});
      std::error_code ignored;
      if (!entry || !may_decide(*entry) || std::filesystem::exists(folder_.root() / file_of(row.promotion), ignored))
        continue;
      if (auto told = tell(attest(row.promotion), row.promotion); !told) return told.error();
      ++attested;
    }
    if (auto synced = folder_.sync(); !synced) return synced.error();
    // What was looked at in vain may be looked at again.
    if (attested > 0)
      if (auto kept = folder_.replace(looked_at_file, seal_looked_at(parts_.signer, next)); !kept) return kept.error();
  }
  const std::lock_guard lock(mutex_);
  next_ = next;
  return attested == parts_.at_once || rows->size() == static_cast<std::size_t>(entries_at_once);
}

void Attester::serve() {
  // Of this thread alone (setpriority(2), on Linux); where it is refused, it only costs the others some time.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
  core::Problem before;
  for (bool more = false;;) {
    {
      std::unique_lock lock(mutex_);
      if (!more) called_.wait_for(lock, parts_.idle, [this] { return woken_ || stopping_; });
      if (stopping_) return;
      woken_ = false;
    }
    const auto looked = look();
    more = looked ? *looked : true;
    // Once, not at every try.
    if (!looked && !(looked.error() == before))
      runtime::log_error("audit.problem", {{"problem", core::to_text(looked.error())}});
    before = looked ? core::Problem() : looked.error();
    std::unique_lock lock(mutex_);
    called_.wait_for(lock, looked ? parts_.pause : std::chrono::milliseconds(pause_after_failure),
                     [this] { return stopping_; });
  }
}

}  // namespace penstock::audit
