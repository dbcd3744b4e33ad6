#include "plugins/gates/security_signoff/archive_scan.hpp"

#include <set>

#include "plugins/gates/security_signoff/npy.hpp"
#include "plugins/gates/security_signoff/pickle_scan.hpp"
#include "plugins/gates/security_signoff/skops.hpp"
#include "plugins/gates/security_signoff/zip_reader.hpp"

namespace penstock::gates::security {
namespace {

constexpr std::uint64_t max_ratio = 1100;  // deflate's own limit is 1 032
constexpr const char* whole_archive = "an archive whose headers agree and explain every byte";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class ArchiveScan {
 public:
  ArchiveScan(Scan& scan, const std::string& where, int depth) : scan_(scan), where_(where), depth_(depth) {}

  std::string look(const ZipArchive& archive) {
    if (const auto* schema = find(archive, "schema.json")) return look_at_skops(archive, *schema);
    const ZipMember* pickle = nullptr;
    for (const auto& member : archive.members)
      if (ends_with(member.name, "/data.pkl") && std::count(member.name.begin(), member.name.end(), '/') == 1)
        pickle = &member;
    if (pickle != nullptr) return look_at_torch(archive, *pickle);
    const bool is_npz =
        !archive.members.empty() && std::all_of(archive.members.begin(), archive.members.end(),
                                                [](const auto& member) { return ends_with(member.name, ".npy"); });
    for (const auto& member : archive.members) look_at_member(member);
    return is_npz ? "npz" : "zip";
  }

 private:
  static const ZipMember* find(const ZipArchive& archive, std::string_view name) {
    for (const auto& member : archive.members)
      if (member.name == name) return &member;
    return nullptr;
  }

  // The member's content, unpacked when need be. The view lives until the next call.
  Content open(const ZipMember& member) {
    const auto where = inside(where_, member.name);
    if (!member.is_compressed) {
      if (crc_of(member.data) != member.crc)
        scan_.remark(Level::unsafe, "zip/checksum", where, "the content differs from its checksum", whole_archive);
      return whole(member.data);
    }
    if (member.size > max_ratio * std::max<std::uint64_t>(member.data.size(), 1) ||
        !scan_.allow_unpacked(member.size)) {
      scan_.remark(Level::unsafe, "zip/bomb", where,
                   std::to_string(member.data.size()) + " bytes claim to unpack to " + std::to_string(member.size),
                   "content within `max_unpacked_bytes`");
      return {};
    }
    auto unpacked = unpack(member, Scan::kept_member_bytes);
    if (!unpacked.is_sound || unpacked.crc != member.crc)
      scan_.remark(Level::unsafe, "zip/checksum", where, "the content differs from its size or checksum",
                   whole_archive);
    kept_ = std::move(unpacked.kept);
    return {kept_, unpacked.size};
  }

  void look_at_member(const ZipMember& member) {
    if (member.name.back() == '/') return;
    const auto content = open(member);
    look_at(scan_, content, member.name, inside(where_, member.name), depth_ + 1);
  }

  std::string look_at_skops(const ZipArchive& archive, const ZipMember& schema) {
    const auto content = open(schema);
    if (!content.is_whole())
      scan_.remark(Level::unknown, "skops/schema", inside(where_, schema.name), "the schema exceeds 128 MiB",
                   "a smaller schema");
    auto files = scan_skops_schema(scan_, content.bytes, inside(where_, schema.name));
    for (const auto& member : archive.members) {
      if (&member == &schema) continue;
      const bool is_array = ends_with(member.name, ".npy") || ends_with(member.name, ".npz");
      if (files.erase(member.name) == 0)
        scan_.remark(Level::unknown, "skops/unexplained-member", inside(where_, member.name),
                     "no node refers to this member", "members that the schema explains");
      if (is_array || !ends_with(member.name, ".bin"))
        look_at_member(member);
      else
        look_at_bytes(member);
    }
    for (const auto& file : files)
      scan_.remark(Level::unknown, "skops/missing-member", where_,
                   "a node refers to " + printable(file) + ", which is not there", "members that are there");
    return "skops";
  }

  // Plain bytes of a node: they do nothing, unless somebody loads them as something.
  void look_at_bytes(const ZipMember& member) {
    const auto content = open(member);
    if (is_also_a_pickle(scan_.rules(), content.bytes))
      scan_.remark(Level::warn, "pickle/nested-pickle", inside(where_, member.name),
                   "a bytes value is itself a pickle that acts", "data without pickles inside");
  }

  // <name>/data.pkl, the storages it names in <name>/data/<key>, and small texts that torch reads as text.
  std::string look_at_torch(const ZipArchive& archive, const ZipMember& pickle) {
    const auto content = open(pickle);
    const auto prefix = pickle.name.substr(0, pickle.name.size() - std::string_view("data.pkl").size());
    if (!content.is_whole())
      scan_.remark(Level::unknown, "pickle/budget", inside(where_, pickle.name), "the pickle exceeds 128 MiB",
                   "a smaller pickle");
    std::map<std::string, std::uint64_t> storages;
    for (const auto& storage : scan_torch_pickle(scan_, content.bytes, inside(where_, pickle.name)))
      storages[prefix + "data/" + storage.key] = storage.bytes;
    for (const auto& member : archive.members) {
      const auto storage = storages.find(member.name);
      if (&member == &pickle || member.name.back() == '/') continue;
      if (storage == storages.end()) {
        look_at_member(member);
      } else {
        look_at_storage(member, storage->second);
        storages.erase(storage);
      }
    }
    for (const auto& [name, size] : storages)
      scan_.remark(Level::unknown, "torch/missing-storage", where_,
                   "the pickle names " + printable(name) + ", which is not there", "storages that are there");
    return "torch";
  }

  void look_at_storage(const ZipMember& member, std::uint64_t expected) {
    const auto content = open(member);
    if (content.size != expected)
      scan_.remark(Level::unknown, "torch/storage-size", inside(where_, member.name),
                   std::to_string(content.size) + " bytes for a storage of " + std::to_string(expected),
                   "exactly the bytes that the pickle names");
  }

  Scan& scan_;
  const std::string& where_;
  int depth_;
  std::string kept_;
};

}  // namespace

std::string scan_archive(Scan& scan, const Content& content, const std::string& where, int depth) {
  if (depth >= Scan::max_depth) {
    scan.remark(Level::unknown, "zip/depth", where, "archives inside archives, more than 4 deep", "fewer levels");
    return "zip";
  }
  if (!content.is_whole()) {
    scan.remark(Level::unknown, "zip/budget", where, "a compressed archive inside an archive exceeds 128 MiB",
                "a smaller archive");
    return "zip";
  }
  const auto reading = read_zip(content.bytes);
  if (reading.fault) {
    scan.remark(Level::unsafe, reading.fault->rule, at_byte(where, reading.fault->offset),
                printable(reading.fault->observed, 600), whole_archive);
    return "zip";
  }
  return ArchiveScan(scan, where, depth).look(reading.archive);
}

}  // namespace penstock::gates::security
