#include "daemon/audit/witness.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "daemon/audit/cosignature.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::audit {
namespace {

constexpr std::size_t longest_answer = 16384;
constexpr std::size_t longest_quote = 200;

// The note without cosignatures: what the log itself says.
core::Result<std::string> as_signed(const Published& log) {
  const auto read = read_note(log.note);
  if (!read) return read.error();
  for (const auto& signature : read->signatures)
    if (signature.name == log.verifier.name && signature.id == log.verifier.id())
      return read->text + "\n" + signature.line;
  return core::Problem{"bad-note", "the newest checkpoint is not signed by the log", "", "", false};
}

std::optional<std::uint64_t> size_in(const std::string& body) {
  std::uint64_t size = 0;
  const auto* end = body.data() + body.size();
  const auto [read, error] = std::from_chars(body.data(), end, size);
  if (error != std::errc() || (read != end && std::string(read, end) != "\n")) return std::nullopt;
  return size;
}

core::Problem differs(const Verifier& witness, std::uint64_t former) {
  return {"audit-differs",
          "the witness " + witness.name + " has seen another log of this name: what it has cosigned for " +
              std::to_string(former) + " entries does not go on to ours",
          "",
          "find out which of the two was changed: compare its cosigned checkpoint with `penstock audit verify "
          "--checkpoint`",
          false};
}

core::Problem refused(const Verifier& witness, const sdk::HttpResponse& response) {
  const auto said = runtime::printable(response.body.substr(0, longest_quote));
  const char* hint = "ask whoever runs the witness; this is tried again";
  if (response.status == 404) hint = "let the witness know this log: give its operator the log's public key";
  if (response.status == 403) hint = "the witness knows another key for this log: give its operator the public key";
  return {"witness-refused",
          "the witness " + witness.name + " answered " + std::to_string(response.status) +
              (said.empty() ? "" : ": " + said),
          "", hint, true};
}

}  // namespace

core::Result<sdk::HttpResponse> Witness::send(const Published& log, const std::string& note, std::uint64_t former) {
  LogReader reader(log.folder, log.checkpoint.size);
  const auto proof = consistency_proof(former, log.checkpoint.size, reader.subtrees());
  if (!proof) return proof.error();
  sdk::HttpRequest request;
  request.method = "POST";
  request.url = parts_.url + "/add-checkpoint";
  request.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  request.timeout = parts_.timeout;
  request.max_body = longest_answer;
  request.allow_private = parts_.allow_private;
  request.body = "old " + std::to_string(former) + "\n";
  for (const auto& hash : *proof)
    request.body += runtime::base64({reinterpret_cast<const char*>(hash.data()), hash.size()}) + "\n";
  request.body += "\n" + note;
  return parts_.http.send(request);
}

core::Result<std::uint64_t> Witness::accept(const Published& log, const std::string& note, const std::string& body) {
  const auto signatures = read_signatures(body);
  if (!signatures) return signatures.error();
  const auto found = find_cosignature(text_of(log.checkpoint), *signatures, parts_.key);
  if (!found) return found.error();
  if (!*found)
    return core::Problem{"bad-note", "the witness answered without a cosignature by " + parts_.key.name, "",
                         "compare its key with the one in penstock.yaml", false};
  seen_ = log.checkpoint.size;
  if (parts_.cosigned) parts_.cosigned(note, (*found)->line);
  return seen_;
}

core::Result<std::uint64_t> Witness::bring(const Published& log) {
  const auto note = as_signed(log);
  if (!note) return note.error();
  const auto size = log.checkpoint.size;
  auto answer = send(log, *note, std::min(seen_, size));
  if (!answer) return answer.error();
  if (answer->status == 409) {
    const auto known = size_in(answer->body);
    if (!known) return refused(parts_.key, *answer);
    seen_ = *known;
    if (*known > size)
      return core::Problem{"audit-ahead",
                           "the witness " + parts_.key.name + " has seen " + std::to_string(*known) +
                               " entries, and the log has " + std::to_string(size),
                           "",
                           "another daemon of the same journal may be ahead by moments; otherwise the journal or the "
                           "log's folder is an older copy",
                           true};
    answer = send(log, *note, *known);
    if (!answer) return answer.error();
    // With the size that it has named itself, only another root is left to disagree about.
    if (answer->status == 409 && size_in(answer->body) == known) return differs(parts_.key, *known);
  }
  if (answer->status == 422) return differs(parts_.key, std::min(seen_, size));
  if (answer->status != 200) return refused(parts_.key, *answer);
  return accept(log, *note, answer->body);
}

}  // namespace penstock::audit
