// The CycloneDX document as a whole: what it is made of, that it is bounded, and that the same facts give the same
// bytes.
#include "tests/audit/bom_facts.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

void collect(const json& node, std::multiset<std::string>& refs, std::set<std::string>& named) {
  if (node.is_array())
    for (const auto& item : node) collect(item, refs, named);
  if (!node.is_object()) return;
  for (const auto& [key, value] : node.items()) {
    if (key == "bom-ref") refs.insert(value.get<std::string>());
    for (const auto* link : {"requirement", "assessor", "target", "ref"})
      if (key == link && value.is_string()) named.insert(value.get<std::string>());
    for (const auto* links : {"claims", "counterClaims", "evidence", "mitigationStrategies", "dependsOn"})
      if (key == links)
        for (const auto& one : value)
          if (one.is_string()) named.insert(one.get<std::string>());
    collect(value, refs, named);
  }
}

void check_references(const json& bom) {
  std::multiset<std::string> refs;
  std::set<std::string> named;
  collect(bom, refs, named);
  for (const auto& ref : refs) {
    INFO(ref);
    CHECK(refs.count(ref) == 1);
  }
  for (const auto& name : named) {
    INFO(name);
    CHECK(refs.count(name) == 1);
  }
}

std::size_t longest(const json& node) {
  std::size_t most = node.is_string() ? node.get_ref<const std::string&>().size() : 0;
  if (node.is_structured())
    for (const auto& item : node) most = std::max(most, longest(item));
  return most;
}

}  // namespace

TEST_CASE("the model card tells the candidate's parameters, data, metrics and considerations") {
  const auto bom = bom_of({});
  const auto& component = bom.at("metadata").at("component");
  CHECK(component.at("type") == "machine-learning-model");
  CHECK(component.at("name") == "fraud-eu");
  CHECK(component.at("version") == "7");
  CHECK(component.at("authors") == json::parse(R"([{"name": "mia"}])"));
  CHECK(component.at("externalReferences")[0].at("url") == "https://git.example.com/fraud.git");
  const auto& card = component.at("modelCard");
  CHECK(card.at("modelParameters").at("approach") == json::parse(R"({"type": "supervised"})"));
  CHECK(card.at("modelParameters").at("datasets") == json::parse(R"([{"ref": "data-set/1"}])"));
  CHECK(card.at("quantitativeAnalysis").at("performanceMetrics") ==
        json::parse(R"([{"type": "auc", "value": "0.91"}])"));
  CHECK(card.at("considerations").at("useCases") == json::parse(R"(["card fraud", "refunds"])"));
  CHECK(bom.at("components")[0].at("type") == "data");
  CHECK(bom.at("components")[0].at("data")[0].at("name") == "training");
}

TEST_CASE("every reference inside the document is to something in it, and each thing is called once") {
  check_references(bom_of({}));
}

TEST_CASE("the daemon assesses by itself, and says that it is no third party") {
  const auto bom = bom_of({});
  CHECK(bom.at("declarations").at("assessors")[0].at("thirdParty") == false);
  CHECK(bom.at("declarations").at("attestations")[0].at("assessor") ==
        bom.at("declarations").at("assessors")[0].at("bom-ref"));
}

TEST_CASE("files of the dossier are referred to with their digests") {
  const auto bom = bom_of({});
  const auto& references = bom.at("externalReferences");
  REQUIRE(references.size() == 8);
  CHECK(references[0].at("url") == "promotion.json");
  CHECK(references[0].at("hashes")[0].at("content") == digest('1').hex());
  CHECK(references[6].at("type") == "attestation");
}

TEST_CASE("the same facts give the same bytes, and other facts another serial number") {
  const Promoted promoted;
  const auto first = bom_of(promoted);
  CHECK(bom_text(first) == bom_text(bom_of(promoted)));
  std::set<json> serials{first.at("serialNumber")};
  auto other = promoted;
  other.promotion.id = "prm_02";
  serials.insert(bom_of(other).at("serialNumber"));
  other = promoted;
  other.policy.digest = digest('0');
  serials.insert(bom_of(other).at("serialNumber"));
  auto facts = promoted.facts();
  facts.written += std::chrono::seconds(1);
  serials.insert(model_bom(facts, {all_facts()}).value().at("serialNumber"));
  facts = promoted.facts();
  facts.files[0].sha256 = digest('7').hex();
  serials.insert(model_bom(facts, {all_facts()}).value().at("serialNumber"));
  CHECK(serials.size() == 5);
  const auto serial = first.at("serialNumber").get<std::string>();
  CHECK(serial.size() == 45);
  CHECK(serial[23] == '8');
  CHECK(std::string("89ab").find(serial[28]) != std::string::npos);
}

TEST_CASE("without frameworks there is a model card and no attestation") {
  const auto bom = model_bom(Promoted().facts(), {}).value();
  CHECK(bom.at("declarations").at("attestations").empty());
  CHECK(bom.at("definitions").at("standards").empty());
}

TEST_CASE("two versions of a framework are told apart") {
  auto newer = all_facts();
  newer.version = "2";
  const auto bom = model_bom(Promoted().facts(), {all_facts(), newer}).value();
  CHECK(bom.at("definitions").at("standards").size() == 2);
  check_references(bom);
}

TEST_CASE("a repository's address with a user in it becomes no link") {
  Promoted promoted;
  const auto has_link = [&] {
    const auto bom = model_bom(promoted.facts(), {all_facts()}).value();
    return bom.at("metadata").at("component").contains("externalReferences");
  };
  CHECK(has_link());
  for (const auto* repository : {"https://ghp_1@git.example.com/fraud.git", "https://ci:ghp_1@git.example.com/x"}) {
    promoted.candidate.git->repository = repository;
    CHECK_FALSE(has_link());
  }
}

TEST_CASE("hostile texts stay texts: they are cut, name nothing, and become no address") {
  Promoted promoted;
  const std::string control = "a\n\"<script>\x01\x7f\xE2\x80\xAE";
  promoted.candidate.labels = {{control, std::string(1 << 20, 'x')},
                               {"use_cases", std::string(100'000, ';') + control}};
  promoted.candidate.git->repository = "javascript:alert(1)";
  promoted.candidate.data_sets = {{control, control}, {"framework/house/1", "../../etc/passwd"}};
  promoted.candidate.metrics = {{control, 1e300}};
  promoted.candidate.authors = {control};
  promoted.promotion.submitter = control;
  promoted.promotion.approvals[0].person = control;
  promoted.promotion.approvals[0].note = std::string(1 << 20, 'y');
  auto finding = *promoted.promotion.checks[0].finding;
  finding.observed = std::string(1 << 20, '\x02');
  promoted.promotion.checks[0].finding = finding;
  auto facts = promoted.facts();
  facts.files.push_back({"//evil.example.com/a b?c#d", digest('8').hex(), 1, control});
  const auto bom = model_bom(facts, {all_facts()}).value();
  check_references(bom);
  CHECK(longest(bom) < 10'000);
  const auto text = bom_text(bom);
  CHECK(text.find('\x01') == std::string::npos);
  CHECK(bom == json::parse(text));
  CHECK_FALSE(bom.at("metadata").at("component").contains("externalReferences"));
  CHECK(bom.at("externalReferences")[8].at("url") == "%2F/evil.example.com/a%20b%3Fc%23d");
}

TEST_CASE("text that is no UTF-8 is replaced, and never cut inside a character") {
  auto facts = Promoted().facts();
  facts.promotion["reason"] = "\xff\xfe";
  facts.promotion["submitter"] = std::string(1999, 'a') + "\xC3\xBC and more";
  const auto bom = model_bom(facts, {all_facts()}).value();
  const auto text = bom_text(bom);
  CHECK(text.find("\xEF\xBF\xBD") != std::string::npos);
  CHECK(text.find(std::string(1999, 'a') + "… (cut") != std::string::npos);
}

TEST_CASE("thousands of labels, metrics and data sets are bounded, and it is told how many are left out") {
  Promoted promoted;
  for (int i = 0; i < 3000; ++i) {
    const auto name = "n" + std::to_string(i);
    promoted.candidate.labels[name] = "x";
    promoted.candidate.metrics[name] = i;
    promoted.candidate.data_sets[name] = "x";
  }
  const auto bom = bom_of(promoted);
  check_references(bom);
  const auto& component = bom.at("metadata").at("component");
  CHECK(component.at("modelCard").at("quantitativeAnalysis").at("performanceMetrics").size() == 500);
  CHECK(bom.at("components").size() == 500);
  CHECK(bom_text(bom).find("penstock:label_left_out") != std::string::npos);
}

TEST_CASE("facts that are not what they should be are refused, whatever they are") {
  const auto good = Promoted().facts();
  const auto refused = [](const BomFacts& facts) {
    const auto bom = model_bom(facts, {all_facts()});
    return !bom && bom.error().code == "invalid-document";
  };
  auto facts = good;
  facts.promotion = json::array();
  CHECK(refused(facts));
  facts = good;
  facts.promotion["id"] = 7;
  CHECK(refused(facts));
  facts = good;
  facts.candidate = nullptr;
  CHECK(refused(facts));
  facts = good;
  facts.candidate["candidate"]["version"] = "8";
  CHECK(refused(facts));
  facts = good;
  facts.policy = {{"stages", 3}};
  CHECK(refused(facts));
}

TEST_CASE("members of any type are read without harm") {
  const auto good = Promoted().facts();
  for (const auto& value : {json(), json(7), json("x"), json::array({1, "x", json::object()}), json::object()}) {
    for (const auto* key : {"checks", "approvals", "deliveries", "break_glass", "authors", "policy", "reason"}) {
      auto facts = good;
      facts.promotion[key] = value;
      INFO(key << " " << value);
      CHECK(model_bom(facts, {all_facts()}));
    }
    for (const auto* key : {"artifact", "git", "data_sets", "metrics", "labels", "authors"}) {
      auto facts = good;
      facts.candidate["candidate"][key] = value;
      CHECK(model_bom(facts, {all_facts()}));
    }
    auto facts = good;
    facts.explanation = facts.waivers = value;
    facts.policy["watch"] = facts.policy["drift"] = value;
    facts.policy["stages"] = json::array({value, {{"gates", json::array({value})}}});
    CHECK(model_bom(facts, {all_facts()}));
  }
}
