// Dossiers: what is in them, that they verify, and that no byte of them can change unseen.
#include "tests/audit/dossier.hpp"

#include <random>

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using nlohmann::json;

namespace {

std::string faults_told(const DossierReport& report) {
  std::string text;
  for (const auto& fault : report.faults) text += fault.where + ": " + fault.what + "\n";
  return text;
}

}  // namespace

TEST_CASE("a dossier verifies with the public key alone") {
  Written written;
  written.put();
  const auto report = written.verified();
  INFO(faults_told(report));
  CHECK(report.good());
  CHECK(report.promotion == Decided::id);
  CHECK(report.result == "PASSED");
  CHECK(report.phase == "live");
  CHECK(report.entries == 4);
  CHECK(report.checkpoint.size == 300);
  CHECK(report.files == files(written.at).size());
}

TEST_CASE("the candidate's and the policy's files are those whose SHA-256 is the digest") {
  Written written;
  written.put();
  const auto all = files(written.at);
  CHECK(runtime::sha256(all.at("candidate.json")) == written.decided.candidate_id);
  CHECK(runtime::sha256(all.at("policy.json")) == written.decided.policy->digest);
  const auto index = json::parse(all.at("dossier.json"));
  CHECK(index.at("files").size() == all.size() - 2);
  for (const auto& one : index.at("files")) {
    const auto& bytes = all.at(one.at("path"));
    CHECK(one.at("sha256") == runtime::sha256(bytes).hex());
    CHECK(one.at("size") == bytes.size());
  }
}

TEST_CASE("the CycloneDX document lists the files it stands beside, and the attestation by its digest") {
  Written written;
  written.put();
  const auto bom = json::parse(content(written.at / "bom.cdx.json"));
  CHECK(bom.at("specVersion") == "1.6");
  const auto text = bom.dump();
  CHECK(text.find(runtime::sha256(written.facts.attestation).hex()) != std::string::npos);
  CHECK(text.find(runtime::sha256(Decided::evidence_bytes).hex()) != std::string::npos);
  CHECK(text.find("\"type\":\"machine-learning-model\"") != std::string::npos);
}

TEST_CASE("every changed byte is found, and its file is named") {
  Written written;
  written.put();
  std::mt19937 chance(7);
  std::size_t flips = 0;
  for (const auto& [path, bytes] : files(written.at)) {
    // All of a small file, and some of a long one: its first and last bytes among them.
    const std::size_t step = std::max<std::size_t>(1, bytes.size() / 60);
    for (std::size_t begin = 0; begin < bytes.size(); begin += step) {
      const auto place = begin == 0 ? 0 : std::min(bytes.size() - 1, begin + chance() % step);
      auto changed = bytes;
      changed[place] = static_cast<char>(changed[place] ^ (1 << (chance() % 8)));
      write(written.at / path, changed);
      const auto report = written.verified();
      INFO(path << ", byte " << place << "\n" << faults_told(report));
      REQUIRE_FALSE(report.good());
      REQUIRE(tells(report, path));
      ++flips;
    }
    write(written.at / path, bytes);
  }
  CHECK(flips > 600);
  CHECK(written.verified().good());
}

TEST_CASE("the line of an event that was changed is named, and so is what was needed") {
  Written written;
  written.put();
  auto events = content(written.at / "events.jsonl");
  const auto place = events.find("0 violations");
  events[place] = '1';
  write(written.at / "events.jsonl", events);
  const auto report = written.verified();
  CHECK(tells(report, "events.jsonl", "needed sha256:"));
  CHECK(tells(report, "events.jsonl, line 2", "is not the event of audit/proofs.json, entry 1"));
  CHECK_FALSE(tells(report, "events.jsonl, line 1"));

  written.put();
  auto proofs = content(written.at / "audit/proofs.json");
  proofs[proofs.find("approval_given")] = 'b';
  write(written.at / "audit/proofs.json", proofs);
  CHECK(tells(written.verified(), "audit/proofs.json, entry 2", "does not lead to the root"));
}

TEST_CASE("a file that is missing, added, or a link is told") {
  Written written;
  for (const auto* path : {"waivers.json", "index.html", "audit/checkpoint", "statement.json", "dossier.json"}) {
    written.put();
    fs::remove(written.at / path);
    CHECK(tells(written.verified(), path, "is missing"));
  }
  written.put();
  const auto evidence = std::string("evidence/") + runtime::sha256(Decided::evidence_bytes).hex();
  fs::remove(written.at / evidence);
  CHECK(tells(written.verified(), evidence, "is missing"));
  written.put();
  write(written.at / "evidence/extra", "x");
  CHECK(tells(written.verified(), "evidence/extra", "was added"));
  written.put();
  write(fs::path(written.folder / "elsewhere"), content(written.at / "policy.json"));
  fs::remove(written.at / "policy.json");
  fs::create_symlink(written.folder / "elsewhere", written.at / "policy.json");
  CHECK(tells(written.verified(), "policy.json", "is a link"));
  written.put();
  fs::create_directory_symlink(written.folder / "", written.at / "more");
  CHECK(tells(written.verified(), "more", "is a link"));
  fs::remove_all(written.at);
  CHECK_FALSE(written.verified().good());
}

TEST_CASE("another key than the log's verifies nothing") {
  Written written;
  written.put();
  const auto other = Signer::generate("example.com/audit").value();
  const auto report = verify_dossier(written.at, other.verifier());
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults[0].where == "statement.json");
}

// What follows is signed by the log's own key, so only what the files say of each other can tell.

TEST_CASE("an attestation for another candidate, policy or finding is told with the member that differs") {
  Written written;
  const auto change = [&](const char* path, const std::string& from, const std::string& to) {
    written.put([&](auto& all) { all.at(path).replace(all.at(path).find(from), from.size(), to); });
    return written.verified();
  };
  auto report = change("candidate.json", "\"7\"", "\"8\"");
  CHECK(tells(report, "attestation.json", "decision/v1.candidate.sha256: observed"));
  CHECK(tells(report, "candidate.json", "is not the promotion's candidate"));
  report = change("policy.json", "fraud*", "fraud?");
  CHECK(tells(report, "attestation.json",
              "predicate.policy.digest.sha256: observed \"" + written.decided.policy->digest.hex()));
  CHECK(tells(report, "policy.json", "is not the promotion's policy"));
  report = change("findings.json", "0 violations", "1 violations");
  CHECK(tells(report, "findings.json", "does not say what events.jsonl"));
  report = change("promotion.json", "\"phase\": \"live\"", "\"phase\": \"held\"");
  CHECK(tells(report, "promotion.json", "observed held, needed live"));
}

TEST_CASE("events and entries that are not those of the log are told by their place") {
  Written written;
  const auto lines = [&](const std::function<void(std::string&)>& change) {
    written.put([&](auto& all) { change(all.at("events.jsonl")); });
    return written.verified();
  };
  auto report = lines([](std::string& text) { text.erase(text.rfind("\n", text.size() - 2) + 1); });
  CHECK(tells(report, "events.jsonl, line 4", "is missing"));
  report = lines([](std::string& text) { text += "{}\n"; });
  CHECK(tells(report, "events.jsonl, line 5", "was added"));
  const auto in_proofs = [&](const std::function<void(json&)>& change) {
    written.put([&](auto& all) {
      auto document = json::parse(all.at("audit/proofs.json"));
      change(document["entries"]);
      all.at("audit/proofs.json") = readable(document);
    });
    return written.verified();
  };
  report = in_proofs([](json& all) { all[2]["hashes"][0] = all[1]["hashes"][1]; });
  CHECK(tells(report, "audit/proofs.json, entry 2", "does not lead to the root"));
  report = in_proofs([](json& all) { std::swap(all[1], all[2]); });
  CHECK(tells(report, "audit/proofs.json, entry 1", "another order"));
  report = in_proofs([](json& all) { all[3]["index"] = 1 << 20; });
  CHECK(tells(report, "audit/proofs.json, entry 1048576"));
  report = in_proofs([](json& all) { all[0] = 7; });
  CHECK_FALSE(report.good());
  report = in_proofs([](json& all) { all[0]["hashes"] = "no list"; });
  CHECK_FALSE(report.good());
}

TEST_CASE("a checkpoint of another log, and an attestation that is none, are told") {
  Written written;
  written.prove(Signer::generate("example.com/audit").value());
  written.put();
  CHECK(tells(written.verified(), "audit/checkpoint"));
  written.prove();
  written.facts.attestation = "{}\n";
  written.put();
  CHECK(tells(written.verified(), "attestation.json"));
}

TEST_CASE("a signed list that leaves something out is told") {
  Written written;
  for (const auto* path : {"explanation.json", "attestation.json", "audit/proofs.json", "index.html"}) {
    written.put([&](auto& all) { all.erase(path); });
    CHECK(tells(written.verified(), path, "is not listed"));
  }
}

TEST_CASE("documents of another shape are told, and end nothing") {
  Written written;
  for (const auto* path : {"promotion.json", "candidate.json", "policy.json", "events.jsonl", "findings.json",
                           "approvals.json", "waivers.json", "audit/proofs.json"})
    for (const auto* bytes : {"", "[]", "{}", "7", "null", "{\"entries\":{\"a\":1},\"checks\":[1],\"approvals\":2}"}) {
      written.put([&](auto& all) { all.at(path) = bytes; });
      INFO(path << ": " << bytes);
      // A promotion without waivers has an empty list of them.
      if (std::string_view(path) == "waivers.json" && std::string_view(bytes) == "[]") continue;
      CHECK_FALSE(written.verified().good());
    }
}

TEST_CASE("the page has no script and nothing from elsewhere, and shows what people wrote as they wrote it") {
  Written written;
  written.put();
  const auto page = content(written.at / "index.html");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("0 violations of &lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(page.find("owner: &lt;b&gt;team &amp; co&lt;/b&gt;") != std::string::npos);
  CHECK(page.find("looks &quot;good&quot;") != std::string::npos);
  CHECK(page.find("@media print") != std::string::npos);
  for (const auto* outside : {"http://", "src=", "url(", "@import", "javascript:"}) {
    INFO(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
  std::size_t links = 0;
  for (auto place = page.find("href=\""); place != std::string::npos; place = page.find("href=\"", place + 1), ++links)
    CHECK(fs::exists(written.at / page.substr(place + 6, page.find('"', place + 6) - place - 6)));
  CHECK(links > 10);
}
