#include "daemon/intake/api_audit.hpp"

#include <charconv>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"
#include "daemon/intake/api_page.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Problem no_log() {
  return {"no-audit-log", "this daemon journals the audit log's entries and publishes none", "",
          "make a key with `penstock audit keygen` and name it in penstock.yaml as `audit.key`", false};
}

std::string base64(const audit::Hash& hash) {
  return runtime::base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

json base64(const audit::Hashes& hashes) {
  auto list = json::array();
  for (const auto& hash : hashes) list.push_back(base64(hash));
  return list;
}

core::Result<std::uint64_t> number(const std::string& text, const std::string& name) {
  std::uint64_t value = 0;
  const auto [read, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && read == text.data() + text.size() && value < (std::uint64_t{1} << 62)) return value;
  return core::Problem{"invalid-request", "`" + name + "` is no number from 0 up", "",
                       "give an entry's index or a size", false};
}

core::Result<std::uint64_t> number_in_query(const Request& request, const std::string& name, std::uint64_t otherwise) {
  const auto text = query_value(request, name);
  if (text.empty()) return otherwise;
  return number(text, name);
}

// Whoever asks for what the log does not have asks wrongly; a file that is not there or not right is our fault.
Response refusal(const core::Problem& problem) {
  if (problem.code == "bad-range" || problem.code == "not-published") return problem_response(404, problem);
  if (problem.code == "no-audit-log") return problem_response(404, problem);
  if (problem.code == "invalid-request") return problem_response(problem);
  return problem_response(503, {problem.code, "the audit log's files cannot be read", "",
                                "see the daemon's log, and `penstock audit verify`", problem.transient});
}

struct Newest {
  std::string note;
  audit::Checkpoint checkpoint;
};

core::Result<Newest> newest(const AuditApi& parts) {
  if (!parts.folder) return no_log();
  auto note = audit::read_file(*parts.folder / audit::checkpoint_file, audit::longest_note);
  if (!note) return note.error();
  if (!*note)
    return core::Problem{"not-published", "no checkpoint has been published yet", "", "ask again in a moment", true};
  auto checkpoint = audit::open_checkpoint(**note, *parts.verifier);
  if (!checkpoint) return checkpoint.error();
  return Newest{std::move(**note), *checkpoint};
}

asio::awaitable<Response> get_checkpoint(const AuditApi& parts, Request) {
  auto read = [&parts] { return newest(parts); };
  auto found = co_await parts.pool.run(std::move(read));
  if (!found) co_return refusal(found.error());
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = std::move(found->note);
  co_return response;
}

// As cosigned by one witness: the newest checkpoint may not be yet.
asio::awaitable<Response> get_cosigned(const AuditApi& parts, Request request) {
  if (!parts.folder) co_return refusal(no_log());
  const auto id = request.parameters["id"];
  // Nothing leads out of the folder.
  const bool is_id = id.size() == 8 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
  auto read = [&parts, id] { return audit::read_file(*parts.folder / "witness" / id, audit::longest_note); };
  core::Result<std::optional<std::string>> note = std::optional<std::string>();
  if (is_id) note = co_await parts.pool.run(std::move(read));
  if (!note) co_return refusal(note.error());
  if (!*note) {
    core::Problem unknown{"not-found", "no checkpoint was cosigned by a witness whose key has this id", "",
                          "give the eight hex digits in the middle of the witness' key", false};
    co_return problem_response(404, unknown);
  }
  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = std::move(**note);
  co_return response;
}

asio::awaitable<Response> get_tile(const AuditApi& parts, Request request) {
  if (!parts.folder) co_return refusal(no_log());
  std::string path = "tile/" + request.parameters["level"];
  for (const auto* part : {"a", "b", "c", "d"})
    if (const auto found = request.parameters.find(part); found != request.parameters.end())
      path += "/" + found->second;
  // Only what this program would write as a tile's name is looked for: nothing leads out of the folder.
  const auto tile = audit::tile_of(path);
  auto read = [&parts, path] { return audit::read_file(*parts.folder / path, audit::longest_bundle); };
  core::Result<std::optional<std::string>> bytes = std::optional<std::string>();
  if (tile) bytes = co_await parts.pool.run(std::move(read));
  if (!bytes) co_return refusal(bytes.error());
  if (!*bytes) {
    core::Problem unknown{"not-found", "the log has no such tile", "",
                          "a partial tile is gone once the full one is there: ask for that", false};
    co_return problem_response(404, unknown);
  }
  Response response;
  response.content_type = "application/octet-stream";
  response.headers = {{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "private, immutable, max-age=31536000"}};
  response.body = std::move(**bytes);
  co_return response;
}

asio::awaitable<Response> list_entries(const AuditApi& parts, Request request) {
  const auto from = number_in_query(request, "from", 0);
  if (!from) co_return refusal(from.error());
  const auto page = read_page(request, "audit");
  if (!page) co_return problem_response(page.error());
  const auto promotion = query_value(request, "promotion");
  auto read = [&parts, first = static_cast<std::int64_t>(*from), limit = page->limit, promotion] {
    return promotion.empty() ? parts.journal.audit(first, limit) : parts.journal.audit_of(promotion, limit, first);
  };
  const auto rows = co_await parts.pool.run(std::move(read));
  if (!rows) co_return problem_response(rows.error());
  auto items = json::array();
  for (const auto& row : *rows)
    items.push_back({{"index", row.index}, {"entry", row.entry}, {"leaf_hash", base64(audit::leaf_hash(row.entry))}});
  json document{{"entries", std::move(items)}};
  co_return json_response(200, document);
}

core::Result<json> proof_of(const AuditApi& parts, std::uint64_t index, const std::string& wanted_size) {
  const auto log = newest(parts);
  if (!log) return log.error();
  const auto size =
      wanted_size.empty() ? core::Result<std::uint64_t>(log->checkpoint.size) : number(wanted_size, "size");
  if (!size) return size.error();
  audit::LogReader reader(*parts.folder, log->checkpoint.size);
  if (*size > log->checkpoint.size || index >= *size)
    return audit::inclusion_proof(index, std::min(*size, log->checkpoint.size), reader.subtrees()).has_error()
               ? core::Problem{"bad-range",
                               "entry " + std::to_string(index) + " is not inside the published log of " +
                                   std::to_string(log->checkpoint.size) + " entries",
                               "", "ask again in a moment: new entries are published shortly after they are journalled",
                               true}
               : core::Problem{"bad-range",
                               "the published log has " + std::to_string(log->checkpoint.size) + " entries", "",
                               "ask for a size up to that", false};
  const auto hashes = audit::inclusion_proof(index, *size, reader.subtrees());
  if (!hashes) return hashes.error();
  const auto leaf = reader.subtrees()(0, index);
  if (!leaf) return leaf.error();
  const auto root = audit::root_of(*size, reader.subtrees());
  if (!root) return root.error();
  return json{{"index", index},
              {"size", *size},
              {"leaf_hash", base64(*leaf)},
              {"root", base64(*root)},
              {"hashes", base64(*hashes)},
              {"checkpoint", log->note}};
}

asio::awaitable<Response> get_proof(const AuditApi& parts, Request request) {
  const auto index = number(request.parameters["index"], "index");
  if (!index) co_return refusal(index.error());
  auto read = [&parts, index = *index, size = query_value(request, "size")] { return proof_of(parts, index, size); };
  const auto document = co_await parts.pool.run(std::move(read));
  if (!document) co_return refusal(document.error());
  co_return json_response(200, *document);
}

core::Result<json> consistency_of(const AuditApi& parts, std::uint64_t from, const std::string& wanted) {
  const auto log = newest(parts);
  if (!log) return log.error();
  const auto to = wanted.empty() ? core::Result<std::uint64_t>(log->checkpoint.size) : number(wanted, "to");
  if (!to) return to.error();
  if (from > *to || *to > log->checkpoint.size)
    return core::Problem{"bad-range", "the published log has " + std::to_string(log->checkpoint.size) + " entries", "",
                         "ask for sizes up to that, the smaller one first", false};
  audit::LogReader reader(*parts.folder, log->checkpoint.size);
  const auto hashes = audit::consistency_proof(from, *to, reader.subtrees());
  if (!hashes) return hashes.error();
  const auto former = audit::root_of(from, reader.subtrees());
  if (!former) return former.error();
  const auto root = audit::root_of(*to, reader.subtrees());
  if (!root) return root.error();
  return json{{"from", from},
              {"to", *to},
              {"from_root", base64(*former)},
              {"to_root", base64(*root)},
              {"hashes", base64(*hashes)},
              {"checkpoint", log->note}};
}

asio::awaitable<Response> get_consistency(const AuditApi& parts, Request request) {
  const auto from = number(query_value(request, "from"), "from");
  if (!from) co_return refusal(from.error());
  auto read = [&parts, from = *from, to = query_value(request, "to")] { return consistency_of(parts, from, to); };
  const auto document = co_await parts.pool.run(std::move(read));
  if (!document) co_return refusal(document.error());
  co_return json_response(200, *document);
}

using Handler = asio::awaitable<Response> (*)(const AuditApi&, Request);

Route route(const AuditApi& parts, std::string path, std::string operation, std::string summary, Handler handler) {
  Route made;
  made.method = "GET";
  made.path = std::move(path);
  made.operation = std::move(operation);
  made.summary = std::move(summary);
  made.handler = [&parts, handler](Request request) { return handler(parts, std::move(request)); };
  return made;
}

const std::map<int, std::string> file_answers{
    {200, "The file's bytes."}, {404, "There is none, or nothing is published."}, {503, "The files cannot be read."}};

}  // namespace

core::Result<json> prove(const AuditApi& parts, const std::vector<journal::AuditRow>& entries,
                         std::string& checkpoint) {
  auto log = newest(parts);
  if (!log) return log.error();
  const auto size = log->checkpoint.size;
  audit::LogReader reader(*parts.folder, size);
  auto proofs = json::array();
  for (const auto& row : entries) {
    const auto index = static_cast<std::uint64_t>(row.index);
    if (index >= size)
      return core::Problem{"not-published",
                           "entry " + std::to_string(index) + " is not inside the published log of " +
                               std::to_string(size) + " entries yet",
                           "", "ask again in a moment", true};
    const auto hashes = audit::inclusion_proof(index, size, reader.subtrees());
    if (!hashes) return hashes.error();
    proofs.push_back({{"index", row.index}, {"entry", row.entry}, {"hashes", base64(*hashes)}});
  }
  checkpoint = std::move(log->note);
  return json{{"size", size}, {"entries", std::move(proofs)}};
}

Routes audit_routes(const AuditApi& parts) {
  Routes routes;
  const QueryParameter size{"size", "Of the tree that proves it; the newest checkpoint's by default."};
  auto entries =
      route(parts, "/v1/audit/entries", "listAuditEntries", "Entries of the audit log, byte for byte.", list_entries);
  entries.query = {{"from", "The first index (0)."}, {"promotion", "Of this promotion alone."}, limit_parameter()};
  entries.answers = {{200, "The entries, by index."}, {400, "`from` or `limit` cannot be read."}};
  auto proof = route(parts, "/v1/audit/entries/{index}/proof", "proveAuditEntry",
                     "That an entry is in the log (RFC 9162), with the signed checkpoint.", get_proof);
  proof.query = {size};
  proof.answers = {{200, "Hashes in base64, the leaf's side first."},
                   {400, "`index` or `size` cannot be read."},
                   {404, "It is not published (yet)."},
                   {503, "The files cannot be read."}};
  auto consistency =
      route(parts, "/v1/audit/consistency", "proveAuditConsistency",
            "That the log of one size begins with the log of a smaller one (RFC 9162).", get_consistency);
  consistency.query = {{"from", "The smaller size."}, {"to", "The larger one; the newest checkpoint's by default."}};
  consistency.answers = {{200, "Hashes in base64."},
                         {400, "`from` or `to` cannot be read."},
                         {404, "The log is not that large."},
                         {503, "The files cannot be read."}};
  auto checkpoint = route(parts, "/v1/audit/checkpoint", "getAuditCheckpoint", "The newest signed checkpoint (C2SP).",
                          get_checkpoint);
  checkpoint.answers = file_answers;
  auto cosigned =
      route(parts, "/v1/audit/witness/{id}", "getCosignedCheckpoint",
            "The newest checkpoint that a witness has cosigned (C2SP), by the id of its key.", get_cosigned);
  cosigned.answers = file_answers;
  for (auto* one : {&entries, &proof, &consistency, &checkpoint, &cosigned}) routes.push_back(std::move(*one));
  // The names of tiles have one to four parts behind the level.
  std::string path = "/v1/audit/tile/{level}";
  for (const std::string part : {"a", "b", "c", "d"}) {
    path += "/{" + part + "}";
    auto tile = route(parts, path, "getAuditTile" + std::to_string(routes.size() - 4),
                      "A tile or a bundle of entries (C2SP tlog-tiles).", get_tile);
    tile.answers = file_answers;
    routes.push_back(std::move(tile));
  }
  return routes;
}

}  // namespace penstock::intake
