// Which attestations the offline verification takes: those that are about what their names and the log say.
#include "daemon/audit/dsse.hpp"
#include "daemon/audit/looked_at.hpp"
#include "daemon/core/json_writing.hpp"
#include "tests/audit/decided.hpp"
#include "tests/audit/verified.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using nlohmann::json;

namespace {

struct AttestationRig {
  TemporaryFolder folder;
  fs::path at = folder / "log";
  Decided decided;
  json statement = attestation_of(decided.record(), signer().verifier().name).value();

  AttestationRig() { decided.publish(at); }
  json& decision() { return statement["predicate"][decision_member]; }
  Report checked_as(const std::string& promotion) const {
    const auto file = at / "attestations" / (promotion + ".json");
    write(file, seal(signer(), in_toto_type, core::json_text(statement)));
    auto report = checked(at);
    fs::remove(file);
    return report;
  }
};

}  // namespace

TEST_CASE("an attestation is good as that of its promotion alone") {
  AttestationRig rig;
  CHECK(told(rig.checked_as(Decided::id)).empty());
  CHECK(rig.checked_as(Decided::id).notes.empty());
  const std::string id = Decided::id;
  CHECK(told(rig.checked_as("prm_OTHER")) ==
        "attestations/prm_OTHER.json: it is about `" + id + "`, needed `prm_OTHER`\n");
}

TEST_CASE("an attestation that is signed and is no summary of the log's decision is told") {
  AttestationRig rig;
  std::string expected;
  SECTION("another kind of statement") {
    rig.statement["predicateType"] = "https://example.com/dossier";
    expected = "its predicateType is `https://example.com/dossier`";
  }
  SECTION("of another event") {
    rig.decision()["event"]["sha256"] = runtime::sha256("another").hex();
    expected = "says that entry 3 decided the promotion";
  }
  SECTION("by another entry") {
    rig.decision()["entry"] = 2;
    expected = "says that entry 2 decided the promotion";
  }
  SECTION("with another end") {
    rig.decision()["phase"] = "rejected";
    expected = "says that entry 3 decided the promotion (`rejected`";
  }
  SECTION("without an entry") {
    rig.decision().erase("entry");
    expected = "names no deciding event, or no entry";
  }
  SECTION("without a decision") {
    rig.statement["predicate"] = "none";
    expected = "names no deciding event, or no entry";
  }
  const auto report = rig.checked_as(Decided::id);
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults[0].where == "attestations/" + std::string(Decided::id) + ".json");
  CHECK_THAT(report.faults[0].what, Catch::Contains(expected));
}

TEST_CASE("an attestation of an entry that no checkpoint covers says that the log was cut short") {
  AttestationRig rig;
  rig.decision()["entry"] = 9;
  CHECK(told(rig.checked_as(Decided::id)) == "attestations/" + std::string(Decided::id) +
                                                 ".json: is about entry 9, beyond the newest checkpoint: the log was "
                                                 "cut short\n");
}

TEST_CASE("a decided promotion without an attestation is noted, and so is what is no attestation") {
  AttestationRig rig;
  auto report = checked(rig.at);
  CHECK(report.good());
  REQUIRE(report.notes.size() == 1);
  CHECK_THAT(report.notes[0], Catch::StartsWith("1 decided promotions have no attestation here, first " +
                                                std::string(Decided::id) + ", which entry 3 decided"));
  write(rig.at / "attestations/prm_1.json.old", "x");
  report = rig.checked_as(Decided::id);
  CHECK(report.notes == std::vector<std::string>{"attestations/prm_1.json.old is no file of the log"});
}

TEST_CASE("how far the attester has looked is sealed, and another number is told") {
  AttestationRig rig;
  const auto file = rig.at / "attestations/looked-at";
  const auto whole = seal_looked_at(signer(), 4);
  write(file, whole);
  CHECK(checked(rig.at).good());
  for (const auto& bytes : {std::string("999999"), whole + " ", seal_looked_at(Signer::generate("x/y").value(), 4)}) {
    write(file, bytes);
    const auto report = checked(rig.at);
    REQUIRE(report.faults.size() == 1);
    CHECK(report.faults[0].where == "attestations/looked-at");
  }
}
