// One file's or member's bytes: what are they, and which rules judge them?
#include "plugins/gates/security_signoff/archive_scan.hpp"
#include "plugins/gates/security_signoff/file_kinds.hpp"
#include "plugins/gates/security_signoff/npy.hpp"
#include "plugins/gates/security_signoff/pickle_scan.hpp"
#include "plugins/gates/security_signoff/safetensors.hpp"
#include "plugins/gates/security_signoff/text_scan.hpp"
#include "plugins/gates/security_signoff/zip_reader.hpp"

namespace penstock::gates::security {
namespace {

constexpr const char* known_kinds = "pickle, skops, npy, npz, torch, safetensors, Parquet, zip, or UTF-8 text";

std::string look_at_empty(Scan& scan, std::string_view name, const std::string& where) {
  if (is_code_name(name))
    scan.remark(Level::unsafe, "code/empty-file", where, "an empty file with the name of code",
                "no code, not even a placeholder");
  return "empty";
}

std::string look_at_text(Scan& scan, const Content& content, std::string_view name, const std::string& where) {
  if (!content.is_whole())
    scan.remark(Level::unknown, "text/budget", where, "a compressed text exceeds 128 MiB", "a smaller text");
  scan_text(scan, content.bytes, name, where);
  if (!is_code_name(name)) return "text";
  const bool is_allowed = scan.rules().allow_code && extension_of(name) == ".py";
  if (!is_allowed)
    scan.remark(Level::unsafe, "code/source", where, "source code", "no code, or `allow_code: true` for Python source");
  return "code";
}

// A pickle of protocol 0 is text: by its name it is one, whatever it looks like.
bool is_named_pickle(const Content& content, std::string_view name, Kind kind) {
  return kind == Kind::other ||
         (kind == Kind::text && is_pickle_name(name) && content.is_whole() && content.bytes.back() == '.');
}

std::string look_at_pickle(Scan& scan, const Content& content, Kind kind, const std::string& where) {
  if (!content.is_whole()) {
    scan.remark(Level::unknown, "pickle/budget", where, "a compressed pickle exceeds 128 MiB", "a smaller pickle");
    return "pickle";
  }
  const auto before = scan.remark_count();
  scan_pickle(scan, content.bytes, where);
  const bool is_strange = kind == Kind::other && scan.remark_count() != before;
  if (is_strange) scan.remark(Level::unknown, "not-understood", where, "a file of no known kind", known_kinds);
  return is_strange ? "unknown" : "pickle";
}

std::string look_by_kind(Scan& scan, const Content& content, std::string_view name, Kind kind, const std::string& where,
                         int depth) {
  switch (kind) {
    case Kind::empty:
      return look_at_empty(scan, name, where);
    case Kind::executable:
      scan.remark(Level::unsafe, "code/executable", where, std::string(executable_kind(content)),
                  "no programs in an artifact");
      return "executable";
    case Kind::zip:
      return scan_archive(scan, content, where, depth);
    case Kind::npy:
      return scan_npy(scan, content, where), "npy";
    case Kind::safetensors:
      return scan_safetensors(scan, content, where), "safetensors";
    case Kind::parquet:
      return "parquet";
    case Kind::text:
      return look_at_text(scan, content, name, where);
    case Kind::pickle:
    case Kind::other:
      break;
  }
  return look_at_pickle(scan, content, kind, where);
}

}  // namespace

std::string look_at(Scan& scan, const Content& content, std::string_view name, const std::string& where, int depth) {
  const auto kind = kind_of(content);
  const bool is_pickle = kind == Kind::pickle || is_named_pickle(content, name, kind);
  auto looked =
      is_pickle ? look_at_pickle(scan, content, kind, where) : look_by_kind(scan, content, name, kind, where, depth);
  if (contradicts(name, kind))
    scan.remark(Level::warn, "name/contradiction", where, "the content is " + looked + ", the name says otherwise",
                "a name that fits the content");
  // Loaders go by what they expect: what is fine as one kind may act as another.
  if (!is_pickle && kind != Kind::empty && is_also_a_pickle(scan.rules(), content.bytes))
    scan.remark(Level::unsafe, "pickle/polyglot", where,
                "the " + looked + " is also a pickle that names globals off the allow-list",
                "content that is one thing only");
  if (kind != Kind::zip && kind != Kind::empty && content.is_whole() && ends_as_zip(content.bytes))
    scan.remark(Level::unsafe, "zip/polyglot", where,
                "the " + looked + " ends as a zip archive, which readers look for from the end",
                "content that is one thing only");
  return looked;
}

}  // namespace penstock::gates::security
