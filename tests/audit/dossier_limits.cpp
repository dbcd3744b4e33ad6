// Dossiers of what has gone on for long, and folders that are made to be too much for whoever verifies them.
#include <sys/resource.h>

#include "daemon/core/json_writing.hpp"
#include "tests/audit/dossier.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using nlohmann::json;

namespace {

constexpr std::uintmax_t mebibyte = 1 << 20;

// Of zeros that take no room on the disk.
void write_sparse(const fs::path& path, std::uintmax_t size) {
  write(path, "");
  fs::resize_file(path, size);
}

json index_of(const Written& written) { return json::parse(content(written.at / "dossier.json")); }

json& listed(json& index, const std::string& path) {
  for (auto& one : index["files"])
    if (one["path"] == path) return one;
  return index["files"].emplace_back(json{{"path", path}, {"sha256", std::string(64, '0')}});
}

void sign(const Written& written, const json& index) {
  const auto text = readable(index);
  write(written.at / "dossier.json", text);
  const auto payload = unseal(content(written.at / "statement.json"), in_toto_type, signer().verifier()).value();
  auto statement = json::parse(payload);
  statement["subject"][0]["digest"]["sha256"] = runtime::sha256(text).hex();
  write(written.at / "statement.json", seal(signer(), in_toto_type, core::json_text(statement)));
}

// The most memory that this process has ever taken.
std::uintmax_t most_memory() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<std::uintmax_t>(used.ru_maxrss) * 1024;
}

}  // namespace

TEST_CASE("a dossier of many looks says how many entries it leaves out, and verifies") {
  Written written;
  for (int number = 1; number <= 100; ++number)
    written.decided.happen(core::EffectSeen{Decided::id, "serving", number, core::Effect::kept, "version 7"});
  written.decided.end(core::Replaced{"prm_2"});
  written.facts.record = written.decided.record();
  written.facts.promotion = written.facts.record.promotion;
  written.prove();
  written.put();
  const auto report = written.verified();
  CHECK(report.good());
  CHECK(report.result == "PASSED");
  CHECK(report.phase == "replaced");
  CHECK(report.entries == 7);
  CHECK(report.left_out == 98);
  const auto index = index_of(written);
  CHECK(index.at("is_whole") == false);
  CHECK(index.at("entries_left_out") == 98);
  const auto page = content(written.at / "index.html");
  CHECK(page.find("98 entries of the audit log about this promotion are left out") != std::string::npos);
}

TEST_CASE("a file of another length than the listed one is told by its length, and is not read") {
  Written written;
  written.put();
  fs::resize_file(written.at / "promotion.json", 1024 * mebibyte);
  const auto report = written.verified();
  REQUIRE(report.faults.size() == 1);
  CHECK(tells(report, "promotion.json", "was changed: observed 1073741824 bytes, needed sha256:"));
}

TEST_CASE("where the change is in a file that became longer or shorter is still told") {
  Written written;
  written.put();
  const auto events = content(written.at / "events.jsonl");
  write(written.at / "events.jsonl", events + "{}\n");
  CHECK(tells(written.verified(), "events.jsonl, line 5", "was added"));
  write(written.at / "events.jsonl", events.substr(0, events.rfind('\n', events.size() - 2) + 1));
  CHECK(tells(written.verified(), "events.jsonl, line 4", "is missing"));
  fs::remove(written.at / "audit/proofs.json");
  const auto report = written.verified();
  CHECK(tells(report, "audit/proofs.json", "is missing"));
  CHECK_FALSE(tells(report, "events.jsonl, line 1"));
}

TEST_CASE("large files of a list that nobody signed are not kept in memory") {
  Written written;
  written.put();
  auto index = index_of(written);
  for (const auto* path : {"more/a", "more/b", "more/c"}) {
    write_sparse(written.at / path, 256 * mebibyte);
    listed(index, path)["size"] = 256 * mebibyte;
  }
  // Nor is each of very many lines.
  write(written.at / "events.jsonl", std::string(16 * mebibyte, '\n'));
  listed(index, "events.jsonl")["size"] = 16 * mebibyte;
  write(written.at / "dossier.json", readable(index));
  const auto before = most_memory();
  const auto report = written.verified();
  CHECK(most_memory() - before < 300 * mebibyte);
  CHECK(tells(report, "dossier.json", "was changed"));
  CHECK(tells(report, "more/c", "was changed: observed sha256:"));
  CHECK(tells(report, "events.jsonl, line 5", "was added"));
}

TEST_CASE("of a list that nobody signed no more is read than a gibibyte") {
  Written written;
  written.put();
  auto index = index_of(written);
  const std::uintmax_t large = std::uintmax_t{4} << 40;
  for (const auto* path : {"more/a", "more/b"}) {
    write_sparse(written.at / path, large);
    listed(index, path)["size"] = large;
  }
  write(written.at / "more/c", "small");
  listed(index, "more/c")["size"] = 5;
  write(written.at / "dossier.json", readable(index));
  const auto report = written.verified();
  CHECK(tells(report, "dossier.json", "was changed"));
  for (const auto* path : {"more/a", "more/b"})
    CHECK(tells(report, path, "is not read: it has 4398046511104 bytes, and nobody signed the list that names it"));
  CHECK(tells(report, "more/c", "was changed: observed sha256:"));
}

TEST_CASE("a signed list may not ask for more memory than there is for its texts") {
  Written written;
  written.put();
  auto index = index_of(written);
  write_sparse(written.at / "approvals.json", 1024 * mebibyte);
  listed(index, "approvals.json")["size"] = 1024 * mebibyte;
  sign(written, index);
  const auto report = written.verified();
  REQUIRE(report.faults.size() == 1);
  CHECK(
      tells(report, "approvals.json", "has 1073741824 bytes, and what is compared of a dossier has at most 134217728"));
}

TEST_CASE("of very many faults the first are told, and how many more there are") {
  Written written;
  written.put();
  for (int i = 0; i < 300; ++i) write(written.at / ("more/" + std::to_string(i)), "");
  const auto report = written.verified();
  REQUIRE(report.faults.size() == 201);
  CHECK(report.faults.back().what == "and 100 more");
}
