#include "daemon/audit/note.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "daemon/runtime/utf8.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view private_prefix = "PRIVATE+KEY+";
constexpr std::string_view dash = "\u2014 ";
constexpr std::size_t most_signatures = 16;
constexpr std::size_t longest_name = 200;

core::Problem bad_key(const std::string& what) {
  return {"bad-key", what, "", "make a pair of keys with `penstock audit keygen`", false};
}
core::Problem bad_note(const std::string& what) { return {"bad-note", what, "", "", false}; }

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c < 127 && c != '+'; });
}

// "<name>+<id>+<base64>", its three parts. The base64 may hold a plus.
struct Parts {
  std::string_view name, id, key;
};
std::optional<Parts> parts_of(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

// A file's text without the newline at its end.
std::string_view line_of(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::optional<std::string> key_of(std::string_view base64, KeyKind kind) {
  auto bytes = runtime::from_base64(base64);
  if (!bytes || bytes->size() != 33 || bytes->front() != static_cast<char>(kind)) return std::nullopt;
  return bytes->substr(1);
}

std::string typed(KeyKind kind, const std::string& key) { return runtime::base64(static_cast<char>(kind) + key); }

core::Result<Verifier> parse_key(std::string_view text, KeyKind kind) {
  if (text.starts_with(private_prefix)) return bad_key("this is a private key where the public one is needed");
  const auto parts = parts_of(line_of(text));
  const auto key = parts ? key_of(parts->key, kind) : std::nullopt;
  if (!key || !is_name(parts->name))
    return bad_key("this is no public key; needed: one line `name+id+key` as `penstock audit keygen` prints it");
  Verifier verifier{std::string(parts->name), *key, kind};
  if (runtime::hex(verifier.id()) != parts->id)
    return bad_key("the key's id does not fit its name: one of the two was changed");
  return verifier;
}

}  // namespace

std::string Verifier::id() const {
  const auto hash = runtime::sha256_raw(name + "\n" + static_cast<char>(kind), key);
  return {reinterpret_cast<const char*>(hash.data()), 4};
}

std::string Verifier::text() const { return name + "+" + runtime::hex(id()) + "+" + typed(kind, key); }

core::Result<Verifier> Verifier::parse(std::string_view text) { return parse_key(text, KeyKind::log); }

core::Result<Verifier> Verifier::parse_witness(std::string_view text) {
  auto verifier = parse_key(text, KeyKind::witness);
  if (!verifier)
    if (auto plain = parse_key(text, KeyKind::log)) verifier = std::move(plain);
  if (!verifier)
    return core::Problem{"bad-key", verifier.error().message, "",
                         "ask whoever runs the witness for its key: one line `name+id+key`", false};
  verifier->kind = KeyKind::witness;
  return verifier;
}

core::Result<Signer> Signer::generate(std::string name) {
  if (!is_name(name))
    return bad_key("`" + runtime::printable(name) +
                   "` cannot name a log; needed: 1 to 200 printable ASCII characters without blanks and `+`, such as "
                   "penstock.example.com/audit");
  auto key = runtime::ed25519_new_key();
  auto public_key = runtime::ed25519_public_key(key);
  return Signer({std::move(name), std::move(public_key), KeyKind::log}, std::move(key));
}

core::Result<Signer> Signer::parse(std::string_view text) {
  if (!text.starts_with(private_prefix)) return bad_key("this is no private key of an audit log");
  const auto parts = parts_of(line_of(text.substr(private_prefix.size())));
  const auto key = parts ? key_of(parts->key, KeyKind::log) : std::nullopt;
  if (!key || !is_name(parts->name)) return bad_key("the private key of the audit log cannot be read");
  Verifier verifier{std::string(parts->name), runtime::ed25519_public_key(*key), KeyKind::log};
  if (runtime::hex(verifier.id()) != parts->id)
    return bad_key("the private key's id does not fit its name: one of the two was changed");
  return Signer(std::move(verifier), *key);
}

std::string Signer::text() const {
  return std::string(private_prefix) + verifier_.name + "+" + runtime::hex(verifier_.id()) + "+" +
         typed(KeyKind::log, key_);
}

std::string Signer::sign(const std::string& text) const {
  return text + "\n" + std::string(dash) + verifier_.name + " " +
         runtime::base64(verifier_.id() + signing_.sign(text)) + "\n";
}

std::string Signer::signature_of(std::string_view bytes) const { return signing_.sign(bytes); }

core::Result<std::vector<Signature>> read_signatures(std::string_view lines) {
  std::vector<Signature> signatures;
  while (!lines.empty()) {
    if (signatures.size() == most_signatures) return bad_note("it has more than 16 signatures");
    const auto end = lines.find('\n');
    if (end == std::string_view::npos) return bad_note("a signature's line does not end");
    auto line = lines.substr(0, end);
    Signature signature;
    signature.line = lines.substr(0, end + 1);
    lines.remove_prefix(end + 1);
    if (!line.starts_with(dash)) return bad_note("a line below the blank one is no signature");
    line.remove_prefix(dash.size());
    const auto space = line.find(' ');
    const auto bytes = runtime::from_base64(space == std::string_view::npos ? "" : line.substr(space + 1));
    if (space == 0 || !bytes || bytes->size() < 5) return bad_note("a signature cannot be read");
    signature.name = line.substr(0, space);
    signature.id = bytes->substr(0, 4);
    signature.bytes = bytes->substr(4);
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

core::Result<SignedText> read_note(const std::string& note) {
  const auto is_control = [](unsigned char c) { return c < ' ' && c != '\n'; };
  if (!runtime::is_utf8(note) || std::any_of(note.begin(), note.end(), is_control)) return bad_note("it is not text");
  const auto blank = note.rfind("\n\n");
  if (blank == std::string::npos || note.back() != '\n') return bad_note("it has no signatures below a blank line");
  auto signatures = read_signatures(std::string_view(note).substr(blank + 2));
  if (!signatures) return signatures.error();
  return SignedText{note.substr(0, blank + 1), std::move(*signatures)};
}

core::Result<std::string> open_note(const std::string& note, const Verifier& verifier) {
  auto read = read_note(note);
  if (!read) return read.error();
  bool verified = false;
  for (const auto& signature : read->signatures) {
    if (signature.name != verifier.name || signature.id != verifier.id()) continue;
    if (!runtime::ed25519_verify(verifier.key, read->text, signature.bytes))
      return bad_note("the signature of " + verifier.name + " does not fit: the text was changed after it was signed");
    verified = true;
  }
  if (!verified) return bad_note("it is not signed by " + verifier.name + " with this key");
  return std::move(read->text);
}

std::string text_of(const Checkpoint& checkpoint) {
  const std::string_view root(reinterpret_cast<const char*>(checkpoint.root.data()), checkpoint.root.size());
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + runtime::base64(root) + "\n";
}

core::Result<Checkpoint> open_checkpoint(const std::string& note, const Verifier& verifier) {
  const auto text = open_note(note, verifier);
  if (!text) return text.error();
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text->size() && lines.size() < 3;) {
    const auto end = text->find('\n', begin);
    lines.push_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines.size() < 3) return bad_note("it is no checkpoint: it has no size or no root");
  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  if (checkpoint.origin != verifier.name) return bad_note("it is a checkpoint of another log: " + lines[0]);
  const auto* end = lines[1].data() + lines[1].size();
  const auto [read, error] = std::from_chars(lines[1].data(), end, checkpoint.size);
  const auto root = runtime::from_base64(lines[2]);
  if (error != std::errc() || read != end || std::to_string(checkpoint.size) != lines[1])
    return bad_note("its size is no decimal number");
  if (!root || root->size() != checkpoint.root.size()) return bad_note("its root is no SHA-256");
  std::copy(root->begin(), root->end(), reinterpret_cast<char*>(checkpoint.root.data()));
  return checkpoint;
}

}  // namespace penstock::audit
