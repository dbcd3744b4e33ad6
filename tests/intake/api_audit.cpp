// The audit log over HTTP: entries, proofs that hold, and the files as they are.
#include "daemon/intake/api_audit.hpp"

#include "daemon/audit/merkle.hpp"
#include "daemon/intake/router.hpp"
#include "tests/audit/log.hpp"
#include "tests/intake/openapi_table.hpp"
#include "tests/journal/mailbox.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace penstock::intake {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
namespace files = audit::testing;

constexpr std::uint64_t size = 300;

// A published log of 300 entries, and a journal with one more.
struct Story {
  explicit Story(bool published = true) {
    journal::Write write;
    for (auto& one : files::entries(0, size + 1)) write.audit.push_back({0, "prm_1", std::move(one)});
    write.audit[3].promotion = "prm_2";
    REQUIRE(journal::testing::commit(*journal, mailbox, std::move(write)).has_value());
    if (!published) return;
    files::make_log(folder / "log", {10, size});
    api.folder = folder / "log";
    api.verifier = files::signer().verifier();
  }
  Response get(const std::string& target) {
    const auto found = router.find("GET", target);
    if (const auto* refusal = std::get_if<Refusal>(&found)) return problem_response(refusal->status, refusal->problem);
    const auto& match = std::get<Router::Match>(found);
    Request request;
    request.method = "GET";
    request.path = match.path;
    request.query = match.query;
    request.parameters = match.parameters;
    std::optional<Response> response;
    asio::co_spawn(context, match.route->handler(std::move(request)), [&](std::exception_ptr thrown, Response given) {
      if (thrown) std::rethrow_exception(thrown);
      response = std::move(given);
    });
    context.restart();
    const auto work = asio::make_work_guard(context);
    while (!response) context.run_one();
    return std::move(*response);
  }
  json get_json(const std::string& target) {
    const auto response = get(target);
    INFO(target << ": " << response.body);
    REQUIRE(response.status == 200);
    return json::parse(response.body);
  }

  files::TemporaryFolder folder;
  journal::testing::Mailbox mailbox;
  std::unique_ptr<journal::Journal> journal = journal::open_memory(mailbox.post());
  asio::io_context context{1};
  runtime::BlockingPool pool{1};
  AuditApi api{*journal, pool, std::nullopt, std::nullopt};
  Router router{audit_routes(api)};
};

audit::Hash hash_of(const json& text) {
  const auto bytes = runtime::from_base64(text.get<std::string>()).value();
  audit::Hash hash{};
  REQUIRE(bytes.size() == hash.size());
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data()));
  return hash;
}
audit::Hashes hashes_of(const json& list) {
  audit::Hashes hashes;
  for (const auto& one : list) hashes.push_back(hash_of(one));
  return hashes;
}

}  // namespace

TEST_CASE("an inclusion proof over HTTP holds for the entry and the signed root") {
  Story story;
  for (const std::uint64_t index : {0U, 9U, 255U, 256U, 299U}) {
    const auto entry = story.get_json("/v1/audit/entries?limit=1&from=" + std::to_string(index)).at("entries").at(0);
    CHECK(entry.at("index") == index);
    const auto proof = story.get_json("/v1/audit/entries/" + std::to_string(index) + "/proof");
    const auto checkpoint = audit::open_checkpoint(proof.at("checkpoint"), files::signer().verifier()).value();
    CHECK(checkpoint.size == size);
    CHECK(checkpoint.root == hash_of(proof.at("root")));
    const auto leaf = audit::leaf_hash(entry.at("entry").get<std::string>());
    CHECK(leaf == hash_of(proof.at("leaf_hash")));
    CHECK(entry.at("leaf_hash") == proof.at("leaf_hash"));
    CHECK(audit::includes(leaf, index, size, checkpoint.root, hashes_of(proof.at("hashes"))));
  }
  const auto earlier = story.get_json("/v1/audit/entries/9/proof?size=10");
  CHECK(audit::includes(hash_of(earlier.at("leaf_hash")), 9, 10, hash_of(earlier.at("root")),
                        hashes_of(earlier.at("hashes"))));
}

TEST_CASE("a consistency proof over HTTP holds between any two sizes") {
  Story story;
  for (const auto& [from, to] : {std::pair(1, 300), std::pair(10, 300), std::pair(255, 257), std::pair(300, 300)}) {
    const auto proof =
        story.get_json("/v1/audit/consistency?from=" + std::to_string(from) + "&to=" + std::to_string(to));
    CHECK(audit::is_consistent(static_cast<std::uint64_t>(from), hash_of(proof.at("from_root")),
                               static_cast<std::uint64_t>(to), hash_of(proof.at("to_root")),
                               hashes_of(proof.at("hashes"))));
  }
  const auto newest = story.get_json("/v1/audit/consistency?from=10");
  CHECK(newest.at("to") == size);
}

TEST_CASE("the files come over HTTP as they are on the disk") {
  Story story;
  const fs::path at = story.folder / "log";
  CHECK(story.get("/v1/audit/checkpoint").body == files::content(at / "checkpoint"));
  for (const auto* path :
       {"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"}) {
    const auto response = story.get(std::string("/v1/audit/") + path);
    CHECK(response.status == 200);
    CHECK(response.body == files::content(at / path));
    CHECK(response.content_type == "application/octet-stream");
  }
}

TEST_CASE("nothing but tiles can be read, wherever a path leads") {
  Story story;
  files::write(story.folder / "log/tile/secret", "x");
  files::write(story.folder / "log/tile/0/secret", "x");
  for (const auto* path : {"tile/0/002", "tile/0/secret", "tile/0/..%2f..%2fcheckpoint", "tile/%2e%2e/checkpoint",
                           "tile/0/000.p/300", "tile/9/000", "tile/0/x000/000", "tile/0/1", "tile/entries/000.p/0"}) {
    INFO(path);
    const auto status = story.get(std::string("/v1/audit/") + path).status;
    CHECK((status == 404 || status == 400));
  }
}

TEST_CASE("entries are listed from an index on, and those of one promotion") {
  Story story;
  const auto page = story.get_json("/v1/audit/entries?from=299&limit=10").at("entries");
  REQUIRE(page.size() == 2);  // one is not published yet
  CHECK(page.at(1).at("entry") == files::entry(300));
  const auto own = story.get_json("/v1/audit/entries?promotion=prm_2").at("entries");
  REQUIRE(own.size() == 1);
  CHECK(own.at(0).at("index") == 3);
  CHECK(story.get_json("/v1/audit/entries?promotion=prm_2&from=3").at("entries") == own);
  CHECK(story.get_json("/v1/audit/entries?promotion=prm_2&from=4").at("entries").empty());
}

TEST_CASE("what the log does not have, and what is no number, is refused") {
  Story story;
  for (const auto* target : {"/v1/audit/entries/300/proof", "/v1/audit/entries/9/proof?size=301",
                             "/v1/audit/entries/9/proof?size=9", "/v1/audit/consistency?from=301",
                             "/v1/audit/consistency?from=10&to=9", "/v1/audit/consistency?from=10&to=301"}) {
    INFO(target);
    CHECK(story.get(target).status == 404);
  }
  for (const auto* target : {"/v1/audit/entries?from=-1", "/v1/audit/entries?from=x", "/v1/audit/entries/x/proof",
                             "/v1/audit/consistency", "/v1/audit/entries/9/proof?size=1e3",
                             "/v1/audit/entries?from=99999999999999999999", "/v1/audit/entries?limit=0"}) {
    INFO(target);
    CHECK(story.get(target).status == 400);
  }
}

TEST_CASE("files that are damaged are not proved from, and the disk's names are not told") {
  Story story;
  fs::remove_all(story.folder / "log/tile/0");
  const auto response = story.get("/v1/audit/entries/9/proof");
  CHECK(response.status == 503);
  CHECK(response.body.find("/log/") == std::string::npos);
  files::write(story.folder / "log/checkpoint", "nonsense");
  CHECK(story.get("/v1/audit/checkpoint").status == 503);
}

TEST_CASE("without a key there are entries, and no proofs") {
  Story story(false);
  CHECK(story.get_json("/v1/audit/entries?limit=2").at("entries").size() == 2);
  for (const auto* target :
       {"/v1/audit/checkpoint", "/v1/audit/entries/0/proof", "/v1/audit/tile/0/000", "/v1/audit/consistency?from=0"}) {
    const auto response = story.get(target);
    CHECK(response.status == 404);
    CHECK(json::parse(response.body).at("type").get<std::string>().find("no-audit-log") != std::string::npos);
  }
}

TEST_CASE("every route of the audit log is described") {
  Story story;
  require_described(story.router.routes());
}

}  // namespace penstock::intake
