#include "daemon/audit/dossier_verify.hpp"

#include <sys/stat.h>

#include <optional>
#include <set>

#include "daemon/audit/dsse.hpp"
#include "daemon/audit/folder.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
namespace files = dossier_files;

constexpr std::size_t most_files = 100'000;
constexpr std::size_t longest_index = std::size_t{32} << 20;
// Of all texts that are kept to be held against each other; a daemon hands out less.
constexpr std::uint64_t most_text = std::uint64_t{128} << 20;
// Of all other files together that are read because a list names them that nobody signed.
constexpr std::uint64_t most_unsigned = std::uint64_t{1} << 30;

class Verification {
 public:
  Verification(fs::path folder, const Verifier& verifier) : folder_(std::move(folder)), verifier_(verifier) {}

  DossierReport take() && {
    list();
    const auto wanted = signed_digest();
    const auto index = wanted ? read_index(*wanted) : json();
    if (index.is_object()) compare(index);
    DossierContent content(texts_, verifier_, report_, faults_);
    if (faults_.empty()) content.check();
    if (changed_.contains(files::events)) content.locate_in_events();
    if (changed_.contains(files::proofs)) content.locate_in_proofs();
    report_.files = present_.size();
    report_.faults = std::move(faults_).take(folder_.string());
    return std::move(report_);
  }

 private:
  void fault(std::string where, std::string what) { faults_.add(std::move(where), std::move(what)); }

  // What is in the folder; anything but folders and regular files is a fault.
  void list() {
    std::error_code failed;
    fs::recursive_directory_iterator entry(folder_, failed);
    for (const fs::recursive_directory_iterator end; !failed && entry != end; entry.increment(failed)) {
      const auto path = entry->path().lexically_relative(folder_).generic_string();
      struct stat seen {};
      if (::lstat(entry->path().c_str(), &seen) != 0 || (!S_ISREG(seen.st_mode) && !S_ISDIR(seen.st_mode)))
        fault(path, "is a link or no regular file: a dossier has files only");
      else if (S_ISREG(seen.st_mode))
        present_.emplace(path, static_cast<std::uint64_t>(seen.st_size));
      if (present_.size() > most_files) return fault(folder_.string(), "has more than 100000 files");
    }
    if (failed) fault(folder_.string(), "cannot be read: " + failed.message());
  }

  // Problems become faults of the file.
  std::optional<std::string> read(const std::string& path, std::size_t most) {
    if (!present_.contains(path)) {
      fault(path, "is missing");
      return std::nullopt;
    }
    auto bytes = read_file(folder_ / path, most);
    if (bytes && *bytes) return std::move(*bytes);
    fault(path, bytes ? "is missing" : bytes.error().message);
    return std::nullopt;
  }

  std::optional<std::string> signed_digest() {
    const auto envelope = read(files::statement, longest_envelope);
    if (!envelope) return std::nullopt;
    const auto payload = unseal(*envelope, in_toto_type, verifier_);
    if (!payload) {
      fault(files::statement, payload.error().message);
      return std::nullopt;
    }
    const auto statement = core::read_json(*payload);
    const auto subjects = statement ? statement->value("subject", json::array()) : json::array();
    if (!statement || text_in(*statement, "_type") != statement_type ||
        text_in(*statement, "predicateType") != dossier_type || subjects.size() != 1 ||
        text_in(subjects[0], "name") != files::index) {
      fault(files::statement, "is signed, and is no statement about a dossier: its predicateType is `" +
                                  (statement ? text_in(*statement, "predicateType") : std::string()) + "`");
      return std::nullopt;
    }
    const auto& predicate = statement->value("predicate", json::object());
    report_.promotion = text_in(predicate, "promotion");
    report_.written = text_in(predicate, "written");
    return text_in(subjects[0].value("digest", json::object()), "sha256");
  }

  json read_index(const std::string& wanted) {
    const auto text = read(files::index, longest_index);
    if (!text) return {};
    const auto found = runtime::sha256(*text).hex();
    is_signed_ = found == wanted;
    if (!is_signed_)
      fault(files::index, "was changed: observed sha256:" + found + ", needed sha256:" + wanted + " as " +
                              files::statement + " signs it");
    // The list may still tell which of the other files were changed, and is believed in nothing else.
    const auto index = core::read_json(*text);
    if (!index || !index->is_object() || !index->value("files", json()).is_array()) {
      if (is_signed_) fault(files::index, "is signed, and lists no files");
      return {};
    }
    if (is_signed_) report_.left_out = index->value("entries_left_out", std::uint64_t{0});
    return *index;
  }

  void compare(const json& index) {
    std::set<std::string> listed{files::index, files::statement};
    for (const auto& one : index.at("files")) {
      const auto path = text_in(one, "path");
      if (path.empty() || !listed.insert(path).second) continue;
      compare(path, text_in(one, "sha256"), one);
    }
    for (const auto& [path, size] : present_)
      if (!listed.contains(path)) fault(path, "is no file of this dossier: it was added");
  }

  void compare(const std::string& path, const std::string& wanted, const json& listed) {
    const auto present = present_.find(path);
    if (present == present_.end()) return fault(path, "is missing");
    const auto size = listed.value("size", json());
    const bool is_as_long = size == present->second;
    const auto digest = is_as_long ? digest_of(path) : std::nullopt;
    if (is_as_long && (!digest || *digest == wanted)) return;
    changed_.insert(path);
    const auto length = std::to_string(present->second) + " bytes";
    fault(path, "was changed: observed " + (digest ? "sha256:" + *digest + " (" + length + ")" : length) +
                    ", needed sha256:" + wanted + " (" + core::json_text(size) + " bytes)");
    // What has another length is read for one thing alone: to tell where in it the change is.
    if (!is_as_long && DossierContent::locates_by(path)) keep(path);
  }

  // Nothing where it cannot be read: then that is told.
  std::optional<std::string> digest_of(const std::string& path) {
    if (is_signed_ ? DossierContent::reads(path) : DossierContent::locates_by(path)) {
      const auto* text = keep(path);
      return text == nullptr ? std::nullopt : std::optional(runtime::sha256(*text).hex());
    }
    texts_[path];  // that it is there is enough
    if (const auto size = present_.at(path); !is_signed_ && size > unsigned_room_) {
      fault(path, "is not read: it has " + std::to_string(size) + " bytes, and nobody signed the list that names it");
      return std::nullopt;
    } else if (!is_signed_) {
      unsigned_room_ -= size;
    }
    const auto digest = runtime::sha256_file(folder_ / path);
    if (digest) return digest->hex();
    fault(path, digest.error().message);
    return std::nullopt;
  }

  const std::string* keep(const std::string& path) {
    if (const auto size = present_.at(path); size > room_) {
      fault(path, "has " + std::to_string(size) + " bytes, and what is compared of a dossier has at most " +
                      std::to_string(most_text) + " together");
      return nullptr;
    }
    auto text = read(path, room_);
    if (!text) return nullptr;
    room_ -= text->size();
    return &(texts_[path] = std::move(*text));
  }

  fs::path folder_;
  const Verifier& verifier_;
  DossierReport report_;
  Faults faults_;
  std::map<std::string, std::uint64_t> present_;  // sizes in bytes
  bool is_signed_ = false;                        // the list of the files
  std::set<std::string> changed_;
  std::map<std::string, std::string> texts_;
  std::uint64_t room_ = most_text;  // for further ones
  std::uint64_t unsigned_room_ = most_unsigned;
};

}  // namespace

DossierReport verify_dossier(const fs::path& folder, const Verifier& verifier) {
  try {
    return Verification(folder, verifier).take();
  } catch (const json::exception& error) {
    DossierReport report;
    report.faults.push_back(
        {folder.string(), std::string("a document has another shape than Penstock writes: ") + error.what()});
    return report;
  }
}

}  // namespace penstock::audit
