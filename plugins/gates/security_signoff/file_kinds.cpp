#include "plugins/gates/security_signoff/file_kinds.hpp"

#include <algorithm>
#include <set>

#include "plugins/gates/security_signoff/safetensors.hpp"
#include "plugins/gates/security_signoff/text_scan.hpp"
#include "plugins/gates/security_signoff/zip_headers.hpp"

namespace penstock::gates::security {
namespace {

using Names = std::set<std::string, std::less<>>;

bool begins(std::string_view bytes, std::string_view with) { return bytes.substr(0, with.size()) == with; }

bool is_parquet(const Content& content) {
  const auto bytes = content.bytes;
  if (!content.is_whole() || bytes.size() < 12 || !begins(bytes, "PAR1") || bytes.substr(bytes.size() - 4) != "PAR1")
    return false;
  const auto footer = little(bytes, bytes.size() - 8, 4);
  return footer > 0 && footer <= bytes.size() - 12;
}

}  // namespace

std::string_view executable_kind(const Content& content) {
  const auto bytes = content.bytes;
  if (begins(bytes,
             "\x7f"
             "ELF"))
    return "ELF program";
  if (begins(bytes, "#!")) return "script with an interpreter line";
  if (begins(bytes, std::string_view("\0asm", 4))) return "WebAssembly";
  for (const auto magic : {"\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe",
                           "\xca\xfe\xba\xbe", "\xbe\xba\xfe\xca", "\xca\xfe\xba\xbf"})
    if (begins(bytes, magic)) return "Mach-O program or Java class";
  if (begins(bytes, "MZ") && !is_text(bytes)) return "Windows program";
  // Python's bytecode: a version number from 3000 up, then carriage return and line feed.
  if (bytes.size() >= 16 && bytes.substr(2, 2) == "\r\n" && little(bytes, 0, 2) >= 3000 && little(bytes, 0, 2) < 4000 &&
      !is_text(bytes))
    return "Python bytecode";
  return {};
}

Kind kind_of(const Content& content) {
  const auto bytes = content.bytes;
  if (content.size == 0) return Kind::empty;
  if (!executable_kind(content).empty()) return Kind::executable;
  if (begins(bytes, "PK\x03\x04") || begins(bytes, "PK\x05\x06") || begins(bytes, "PK\x07\x08")) return Kind::zip;
  if (begins(bytes, "\x93NUMPY")) return Kind::npy;
  if (looks_like_safetensors(bytes)) return Kind::safetensors;
  if (is_parquet(content)) return Kind::parquet;
  const auto second = bytes.size() < 2 ? 0xff : static_cast<unsigned char>(bytes[1]);
  if (bytes[0] == '\x80' && second <= 5) return Kind::pickle;
  if (is_text(bytes)) return Kind::text;
  return Kind::other;
}

std::string extension_of(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot == name.npos) return {};
  std::string extension(name.substr(dot));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return extension;
}

bool is_code_name(std::string_view name) {
  static const Names endings{".py",  ".pyw",  ".pyc", ".pyd", ".pth",   ".so",  ".dll",     ".dylib", ".exe",
                             ".sh",  ".bash", ".bat", ".cmd", ".ps1",   ".js",  ".mjs",     ".rb",    ".pl",
                             ".php", ".lua",  ".jl",  ".r",   ".class", ".jar", ".egg-link"};
  return endings.count(extension_of(name)) != 0;
}

bool is_pickle_name(std::string_view name) {
  static const Names endings{".pkl",  ".pickle", ".p",    ".pk",    ".joblib", ".bin",  ".pt",         ".pth",
                             ".ckpt", ".dat",    ".data", ".model", ".sav",    ".dill", ".cloudpickle"};
  return endings.count(extension_of(name)) != 0;
}

bool contradicts(std::string_view name, Kind kind) {
  static const Names texts{".json", ".yaml", ".yml", ".txt", ".md", ".csv", ".toml", ".html", ".xml"};
  const auto extension = extension_of(name);
  if (texts.count(extension)) return kind != Kind::text && kind != Kind::empty;
  if (extension == ".npy") return kind != Kind::npy;
  if (extension == ".npz" || extension == ".skops" || extension == ".zip") return kind != Kind::zip;
  if (extension == ".safetensors") return kind != Kind::safetensors;
  if (extension == ".parquet") return kind != Kind::parquet;
  return false;
}

}  // namespace penstock::gates::security
