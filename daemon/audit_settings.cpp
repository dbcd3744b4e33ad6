#include "daemon/audit_settings.hpp"

#include <filesystem>

#include "daemon/audit/note.hpp"
#include "daemon/settings_checks.hpp"

namespace penstock {
namespace {

namespace fs = std::filesystem;
using core::declared::Bounds;
using core::declared::Shape;

const Bounds name_bounds{.min_length = 1, .max_length = 100};

std::string from_folder(const std::string& folder, const std::string& path) {
  return path.empty() ? path : (fs::path(folder) / path).lexically_normal().string();
}

bool is_address(const std::string& text) { return text.find("://") != std::string::npos; }

// http and https alone: libgit2 has no time-outs for ssh, and a checkpoint needs no secrecy.
void check_address(const std::string& url, const std::string& path, SettingsFaults& faults) {
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return faults.add(path, "the address must begin with https:// or http://");
  const auto begin = url.find("://") + 3;
  const auto authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  // Not repeated: it holds a password.
  if (authority.find('@') != std::string::npos) faults.add(path, "the address holds credentials; write `basic_auth`");
  if (authority.empty() || authority.front() == ':') faults.add(path, "the address names no host");
}

void check_file_sink(SinkEntry& sink, const std::string& path, const std::string& folder, const AuditEntries& audit,
                     SettingsFaults& faults) {
  if (sink.folder.empty()) return faults.add(path + ".folder", "missing: where the second copy of the files is");
  sink.folder = from_folder(folder, sink.folder);
  if (sink.folder == audit.folder)
    faults.add(path + ".folder", "this is the log's own folder; name one elsewhere, on another disk");
  for (const auto* key : {"repository", "branch", "basic_auth", "allow_private"})
    faults.senseless(path + "." + key, faults.is_written(path + "." + key), "only a sink of the kind git has it");
}

void check_git_sink(SinkEntry& sink, const std::string& path, const std::string& folder, SecretReader& secrets,
                    SettingsFaults& faults) {
  faults.senseless(path + ".folder", faults.is_written(path + ".folder"), "only a sink of the kind file has it");
  if (sink.repository.empty())
    return faults.add(path + ".repository", "missing: the path of a bare repository, or its http(s) address");
  faults.name(path + ".branch", sink.branch);
  if (!is_address(sink.repository)) {
    sink.repository = from_folder(folder, sink.repository);
    faults.senseless(path + ".basic_auth", sink.basic_auth.has_value(), "only an address has it");
    return;
  }
  check_address(sink.repository, path + ".repository", faults);
  if (!sink.basic_auth) return;
  if (!sink.repository.starts_with("https://") && !sink.allow_private)
    faults.add(path + ".basic_auth", "the password would cross the network unencrypted; use https://");
  sink.password = faults.secret(sink.basic_auth->password, path + ".basic_auth.password", secrets);
}

}  // namespace

const Shape<WitnessEntry>& WitnessEntry::shape() {
  using W = WitnessEntry;
  static const auto shape =
      Shape<W>("Witness", "Cosigns checkpoints that go on from all it has seen (c2sp.org/tlog-witness).")
          .required("name", &W::name, "Used by policies; unique among sinks and witnesses.", name_bounds)
          .required("key", &W::key, "Its public key, `name+id+key`, as whoever runs it gives it.",
                    {.min_length = 8, .max_length = 400})
          .required("url", &W::url, "Its http(s) address, without `/add-checkpoint`.",
                    {.min_length = 8, .max_length = 2000})
          .optional("allow_private", &W::allow_private, "Whether its address may be loopback or private.");
  return shape;
}

const Shape<SinkEntry>& SinkEntry::shape() {
  using S = SinkEntry;
  static const auto shape =
      Shape<S>("Sink", "A second place that keeps the audit log.")
          .required("name", &S::name, "Used by policies; unique among sinks and witnesses.", name_bounds)
          .required("kind", &S::kind, "A folder elsewhere, or a git repository.")
          .optional("folder", &S::folder, "For file: a folder that is there, on another disk.", {.min_length = 1})
          .optional("repository", &S::repository,
                    "For git: the path of a bare repository that is there, or an http(s) address without credentials.",
                    {.min_length = 1, .max_length = 2000})
          .optional("branch", &S::branch, "For git: the branch that Penstock alone commits to.", name_bounds)
          .optional("basic_auth", &S::basic_auth, "For git: HTTP Basic credentials of the address.")
          .optional("allow_private", &S::allow_private, "For git: whether its address may be loopback or private.");
  return shape;
}

const Shape<AuditEntries>& AuditEntries::shape() {
  using A = AuditEntries;
  static const auto shape =
      Shape<A>("Audit", "The audit log as signed files that any web server can serve.")
          .required("key", &A::key, "The private key that `penstock audit keygen` made; its name is the log's origin.")
          .optional("folder", &A::folder, "Where the files are; `audit` in the data folder by default.",
                    {.min_length = 1})
          .optional("witnesses", &A::witnesses, "Who cosigns its checkpoints.", {.max_length = 8})
          .optional("sinks", &A::sinks, "Who keeps a second copy of it.", {.max_length = 8});
  return shape;
}

std::vector<std::string> acknowledgers_of(const std::optional<AuditEntries>& audit) {
  if (!audit) return {};
  auto names = names_of(audit->sinks);
  for (const auto& witness : audit->witnesses) names.push_back(witness.name);
  return names;
}

void resolve_audit(Settings& settings, const std::string& folder, SecretReader& secrets, SettingsFaults& faults) {
  if (!settings.audit || !faults.sound("audit")) return;
  auto& audit = *settings.audit;
  audit.folder =
      audit.folder.empty() ? (fs::path(settings.data) / "audit").string() : from_folder(folder, audit.folder);
  std::set<std::string> seen;
  check_unique("audit.sinks", audit.sinks, seen, faults);
  check_unique("audit.witnesses", audit.witnesses, seen, faults);
  for (std::size_t i = 0; i < audit.sinks.size(); ++i) {
    const auto path = "audit.sinks[" + std::to_string(i) + "]";
    faults.name(path + ".name", audit.sinks[i].name);
    if (audit.sinks[i].kind == SinkSort::file)
      check_file_sink(audit.sinks[i], path, folder, audit, faults);
    else
      check_git_sink(audit.sinks[i], path, folder, secrets, faults);
  }
  for (std::size_t i = 0; i < audit.witnesses.size(); ++i) {
    auto& witness = audit.witnesses[i];
    const auto path = "audit.witnesses[" + std::to_string(i) + "]";
    faults.name(path + ".name", witness.name);
    check_address(witness.url, path + ".url", faults);
    while (witness.url.ends_with('/')) witness.url.pop_back();
    if (const auto key = audit::Verifier::parse_witness(witness.key); !key)
      faults.add(path + ".key", core::to_text(key.error()));
  }
  audit.key_text = faults.secret(audit.key, "audit.key", secrets);
  if (audit.key_text.empty()) return;
  if (const auto signer = audit::Signer::parse(audit.key_text); !signer)
    faults.add("audit.key", core::to_text(signer.error()));
}

}  // namespace penstock
