// What is attested of a promotion, and that it is kept once, for good.
#include "daemon/audit/attestation.hpp"

#include <atomic>
#include <thread>

#include "daemon/audit/attester.hpp"
#include "daemon/audit/looked_at.hpp"
#include "daemon/audit/verify.hpp"
#include "tests/audit/decided.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json statement_of(Decided& decided) { return attestation_of(decided.record(), "example.com/audit").value(); }

std::unique_ptr<Attester> attester(Decided& decided, const fs::path& folder, const Signer& by = signer()) {
  Attester::Parts parts{*decided.journal, folder, by};
  parts.pause = 1ms;
  parts.idle = 5ms;
  return Attester::open(std::move(parts)).value();
}

template <class Holds>
bool comes(Holds holds) {
  for (const auto until = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < until;
       std::this_thread::sleep_for(1ms))
    if (holds()) return true;
  return false;
}

}  // namespace

TEST_CASE("a promotion that went live has passed, and the summary names what was decided on") {
  Decided decided;
  const auto statement = statement_of(decided);
  CHECK(statement.at("_type") == "https://in-toto.io/Statement/v1");
  CHECK(statement.at("predicateType") == "https://slsa.dev/verification_summary/v1");
  REQUIRE(statement.at("subject").size() == 2);
  CHECK(statement["subject"][0].at("name") == "models:/fraud/7");
  CHECK(statement["subject"][0].at("digest").at("sha256") == runtime::sha256("files").hex());
  CHECK(statement["subject"][1].at("digest").at("sha256") == decided.candidate_id.hex());
  const auto& predicate = statement.at("predicate");
  CHECK(predicate.at("verifier").at("id") == "https://example.com/audit");
  CHECK(predicate.at("timeVerified") == core::to_text(decided.at(3)));
  CHECK(predicate.at("resourceUri") == "models:/fraud/7");
  CHECK(predicate.at("policy").at("uri") == "penstock:policy/fraud-production");
  CHECK(predicate.at("policy").at("digest").at("sha256") == decided.policy->digest.hex());
  CHECK(predicate.at("verificationResult") == "PASSED");
  CHECK(predicate.at("verifiedLevels") == json::array({"SLSA_BUILD_LEVEL_0"}));
  REQUIRE(predicate.at("inputAttestations").size() == 1);
  CHECK(predicate["inputAttestations"][0].at("digest").at("sha256") == runtime::sha256(Decided::evidence_bytes).hex());
  const auto& decision = predicate.at(decision_member);
  CHECK(decision.at("promotion") == Decided::id);
  CHECK(decision.at("entry") == 3);
  CHECK(decision.at("approvals") == 1);
  CHECK(decision.at("findings").at("sha256") == runtime::sha256(core::findings_text(decided.promotion)).hex());
  CHECK(decision.at("phase") == "live");
}

TEST_CASE("a promotion that ended without being live has failed") {
  for (const std::size_t until : {1U, 2U}) {
    Decided decided(until);
    decided.end(core::Withdrawn{"ann", "not wanted"});
    const auto predicate = statement_of(decided).at("predicate");
    CHECK(predicate.at("verificationResult") == "FAILED");
    CHECK(predicate.at("verifiedLevels") == json::array({"FAILED"}));
    CHECK(predicate.at(decision_member).at("phase") == "withdrawn");
    CHECK(predicate.at("inputAttestations").size() == until - 1);
  }
}

TEST_CASE("what happens after a promotion went live changes nothing of its attestation") {
  Decided decided;
  const auto before = statement_of(decided);
  decided.end(core::Replaced{"prm_2"});
  CHECK(statement_of(decided) == before);
}

TEST_CASE("before it is decided there is nothing to attest") {
  for (const std::size_t until : {1U, 2U, 3U}) {
    Decided decided(until);
    const auto statement = attestation_of(decided.record(), "example.com/audit");
    REQUIRE(statement.has_error());
    CHECK(statement.error().code == "not-decided");
  }
}

TEST_CASE("findings that are not those of the deciding entry are not attested") {
  Decided decided;
  auto record = decided.record();
  auto event = json::parse(record.events[1]);
  event["finding"]["observed"] = "1 violation";
  record.events[1] = event.dump();
  CHECK(attestation_of(record, "x").error().code == "journal-damaged");
}

TEST_CASE("a candidate without an address that is one is named by model and version") {
  Decided decided;
  auto record = decided.record();
  for (const auto* uri : {"", "some folder/model", "1:x", ":x", "models:/frau d", "a/b:c d"}) {
    auto candidate = json::parse(record.candidate);
    candidate["artifact"]["uri"] = uri;
    candidate["version"] = "7 & 8";
    record.candidate = candidate.dump();
    CHECK(attestation_of(record, "x")->at("predicate").at("resourceUri") == "penstock:model/fraud/7%20%26%208");
  }
}

TEST_CASE("an attestation is made by itself, signed, kept once, and the same bytes are given ever after") {
  Decided decided;
  TemporaryFolder folder;
  const auto file = fs::path(folder / "log/attestations") / (std::string(Decided::id) + ".json");
  std::string kept;
  {
    const auto attesting = attester(decided, folder / "log");
    CHECK(comes([&] { return fs::exists(file); }));
    kept = content(file);
    CHECK(attesting->attestation(Decided::id).value() == kept);
    CHECK(comes([&] { return attesting->looked_at() == 4; }));
  }
  const auto payload = unseal(kept, in_toto_type, signer().verifier()).value();
  CHECK(json::parse(payload) == statement_of(decided));
  const auto written = fs::last_write_time(file);
  decided.end(core::Replaced{"prm_2"});
  const auto attesting = attester(decided, folder / "log");
  CHECK(comes([&] { return attesting->looked_at() == 5; }));
  CHECK(attesting->attestation(Decided::id).value() == kept);
  CHECK(fs::last_write_time(file) == written);
}

TEST_CASE("what is asked for before the thread comes to it is attested at once, with the same bytes") {
  Decided decided(1);
  TemporaryFolder folder;
  const auto attesting = attester(decided, folder / "log");
  CHECK(attesting->attestation(Decided::id).error().code == "not-decided");
  decided.end(core::Expired{"too late"});
  const auto envelope = attesting->attestation(Decided::id).value();
  CHECK(comes([&] { return attesting->looked_at() == 2; }));
  CHECK(attesting->attestation(Decided::id).value() == envelope);
}

TEST_CASE("nothing is kept about an entry that no checkpoint covers yet, and whoever asks gets it all the same") {
  Decided decided;
  TemporaryFolder folder;
  const auto file = fs::path(folder / "log/attestations") / (std::string(Decided::id) + ".json");
  std::atomic<std::uint64_t> published = 3;
  Attester::Parts parts{*decided.journal, folder / "log", signer()};
  parts.pause = 1ms;
  parts.idle = 1h;
  parts.published = [&] { return published.load(); };
  const auto attesting = Attester::open(std::move(parts)).value();
  const auto envelope = attesting->attestation(Decided::id).value();
  CHECK(comes([&] { return attesting->looked_at() == 3; }));
  CHECK_FALSE(fs::exists(file));
  published = 4;
  attesting->wake();
  CHECK(comes([&] { return fs::exists(file); }));
  CHECK(content(file) == envelope);
}

TEST_CASE("a number that the log's key has not sealed makes no attester pass over a decision") {
  for (const auto& number : {std::string("999999"), std::string("4"), std::string(), seal_looked_at(signer(), 999),
                             seal_looked_at(Signer::generate("example.com/audit").value(), 4)}) {
    Decided decided;
    TemporaryFolder folder;
    write(folder / "log/attestations/looked-at", number);
    const auto attesting = attester(decided, folder / "log");
    CHECK(comes(
        [&] { return fs::exists(fs::path(folder / "log/attestations") / (std::string(Decided::id) + ".json")); }));
    CHECK(comes([&] {
      const auto kept = unseal_looked_at(content(folder / "log/attestations/looked-at"), signer().verifier());
      return kept && *kept == 4;
    }));
  }
  // A right one spares the look.
  Decided decided;
  TemporaryFolder folder;
  write(folder / "log/attestations/looked-at", seal_looked_at(signer(), 4));
  CHECK(attester(decided, folder / "log")->looked_at() == 4);
}

TEST_CASE("an attestation that was changed is refused, and never written over") {
  Decided decided;
  TemporaryFolder folder;
  const auto file = fs::path(folder / "log/attestations") / (std::string(Decided::id) + ".json");
  const auto attesting = attester(decided, folder / "log");
  const auto envelope = attesting->attestation(Decided::id).value();
  const auto statement = json::parse(unseal(envelope, in_toto_type, signer().verifier()).value());
  auto other = statement;
  other["predicate"][decision_member]["promotion"] = "prm_2";
  for (const auto& bytes : {std::string("x"), std::string(), envelope + " ", attesting->sealed(other),
                            seal(Signer::generate("example.com/audit").value(), in_toto_type, statement.dump())}) {
    write(file, bytes);
    CHECK(attesting->attestation(Decided::id).error().code == "audit-damaged");
    CHECK(content(file) == bytes);
  }
}

TEST_CASE("names of files come from no promotion's id but a plain one") {
  Decided decided;
  TemporaryFolder folder;
  const auto attesting = attester(decided, folder / "log");
  for (const auto* id : {"", "../../etc/passwd", "prm_2", "looked-at", "prm_1/..", "a.b"}) {
    const auto got = attesting->attestation(id);
    REQUIRE(got.has_error());
    CHECK(got.error().code == "unknown-promotion");
  }
}

TEST_CASE("two daemons do not attest into one folder, and the log's verification looks at attestations too") {
  Decided decided;
  TemporaryFolder folder;
  decided.publish(folder / "log");
  {
    const auto attesting = attester(decided, folder / "log");
    CHECK(Attester::open({*decided.journal, folder / "log", signer()}).error().code == "audit-in-use");
    REQUIRE(attesting->attestation(Decided::id).has_value());
  }
  CHECK(verify(folder / "log", signer().verifier()).good());
  const auto name = "attestations/" + std::string(Decided::id) + ".json";
  auto bytes = content(fs::path(folder / "log") / name);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  write(fs::path(folder / "log") / name, bytes);
  const auto report = verify(folder / "log", signer().verifier());
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults[0].where == name);
}
