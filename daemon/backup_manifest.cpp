#include "daemon/backup_manifest.hpp"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/core/json_text.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;
constexpr auto manifest_name = "MANIFEST.json";
constexpr int newest_form = 2;
// Some ten million files.
constexpr std::uintmax_t longest_manifest = std::uintmax_t{1} << 30;
constexpr core::JsonLimits limits{8, 100'000'000};

json texts_of(const std::set<core::Digest>& digests) {
  auto texts = json::array();
  for (const auto& digest : digests) texts.push_back(digest.text());
  return texts;
}

std::optional<core::Digest> digest_in(const json& text) {
  return core::Digest::parse(text.is_string() ? text.get<std::string>() : "");
}

// Null when there is none.
const json& member(const json& object, const char* key) {
  static const json none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

// False when it is no list of digests.
bool add_digests(const json& list, std::set<core::Digest>& digests) {
  if (!list.is_array()) return false;
  for (const auto& text : list) {
    const auto digest = digest_in(text);
    if (!digest) return false;
    digests.insert(*digest);
  }
  return true;
}

bool add_files(const json& list, FileDigests& files) {
  if (!list.is_object()) return false;
  for (const auto& [path, text] : list.items()) {
    const auto digest = digest_in(text);
    if (!digest) return false;
    files[path] = *digest;
  }
  return files.contains(journal_name);
}

}  // namespace

core::Result<void> write_manifest(const Manifest& manifest, core::Time made_at, const fs::path& folder) {
  json document{{"backup", newest_form},
                {"id", manifest.id},
                {"made_at", core::to_text(made_at)},
                {"penstock", PENSTOCK_VERSION},
                {"events", manifest.events},
                {"files", json::object()},
                {"store", {{"blobs", texts_of(manifest.store.blobs)}, {"trees", texts_of(manifest.store.trees)}}}};
  for (const auto& [path, digest] : manifest.files) document["files"][path] = digest.text();
  const auto file = folder / manifest_name;
  std::ofstream stream(file, std::ios::binary);
  stream << document.dump(1) << "\n";
  stream.close();
  if (!stream) return file_problem({errno, std::generic_category()}, "written", file);
  return {};
}

core::Result<Manifest> read_manifest(const fs::path& folder) {
  const auto file = folder / manifest_name;
  const auto text = small_file(file, longest_manifest);
  if (!text) return text.error();
  const auto unknown = [&](const std::string& why) {
    return core::Problem{"damaged", "this is no manifest of a backup that this Penstock knows: " + why, file.string(),
                         "name the folder of a backup; one of a newer Penstock is restored by that"};
  };
  const auto document = core::read_json(*text, limits);
  if (!document) return unknown(document.error().message);
  const auto& form = member(*document, "backup");
  const auto& id = member(*document, "id");
  const auto& events = member(*document, "events");
  if (form != 1 && form != newest_form) return unknown("`backup` is " + form.dump() + ", not 1 or 2");
  if (!id.is_string() || !events.is_number_integer()) return unknown("it has no `id` or no `events`");

  Manifest manifest;
  manifest.id = id.get<std::string>();
  manifest.events = events.get<std::int64_t>();
  if (!add_files(member(*document, "files"), manifest.files))
    return unknown("`files` does not name a journal, and digests alone");
  if (form == 1) {
    auto content = content_of_store(folder / store_name);
    if (!content) return content.error();
    manifest.store = std::move(*content);
    manifest.lists_store = false;
    if (!add_digests(member(*document, "documents"), manifest.store.blobs))
      return unknown("`documents` is no list of digests");
    return manifest;
  }
  const auto& store = member(*document, "store");
  if (!add_digests(member(store, "blobs"), manifest.store.blobs) ||
      !add_digests(member(store, "trees"), manifest.store.trees))
    return unknown("`store` has no lists of digests");
  return manifest;
}

}  // namespace penstock
