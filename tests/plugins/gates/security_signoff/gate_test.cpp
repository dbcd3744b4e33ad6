// The gate as the daemon runs it: the real worker in a real process, and every way in which it can fail to answer.
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "daemon/runtime/child_process.hpp"
#include "daemon/runtime/digest.hpp"
#include "plugins/gates/security_signoff/scan_request.hpp"
#include "plugins/gates/security_signoff/security_signoff.hpp"
#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;
using penstock::core::Problem;
using penstock::core::Result;
using penstock::core::Verdict;
namespace fs = std::filesystem;
namespace sdk = penstock::sdk;
namespace core = penstock::core;

namespace {

// What the gate has not asked for answers nothing.
struct NoHttp : sdk::Http {
  Result<sdk::HttpResponse> send(const sdk::HttpRequest&) override { return Problem{"not-lent", "not lent", "", ""}; }
};
struct NoEndpoints : sdk::Endpoints {
  Result<sdk::Endpoint> find(const std::string&) const override { return Problem{"not-lent", "not lent", "", ""}; }
};
struct NoFolders : sdk::Folders {
  Result<fs::path> resolve(const std::string&, const std::string&) const override {
    return Problem{"not-lent", "not lent", "", ""};
  }
  Result<fs::path> scratch() override { return Problem{"not-lent", "not lent", "", ""}; }
};
struct Artifacts : sdk::Artifacts {
  Result<fs::path> folder = fs::path();
  Result<fs::path> open(const core::Candidate&) override { return folder; }
  Result<core::Duration> prove_fetchable(const core::Candidate&, core::Time) override { return core::Duration(1); }
};
struct Clock : sdk::Clock {
  core::Time now() const override { return core::Time(std::chrono::hours(1)); }
};
struct Crypto : sdk::Crypto {
  core::Digest sha256(std::string_view bytes) const override { return penstock::runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return penstock::runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return penstock::runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override {
    return penstock::runtime::from_base64(text);
  }
};

// An artifact in a folder, the gate, and the tools that it is lent.
struct SignoffStory {
  SignoffStory() {
    std::string name = (fs::temp_directory_path() / "penstock-signoff-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root = name;
    fs::create_directories(root / "artifact");
    artifacts.folder = root / "artifact";
    request.candidate.model = "wine";
    request.candidate.version = "7";
    request.candidate.artifact = core::Artifact{core::Digest::from_hex(std::string(64, 'a')), "models:/m-1"};
    request.deadline = clock.now() + std::chrono::seconds(30);
  }
  ~SignoffStory() {
    std::error_code error;
    fs::remove_all(root, error);
  }
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(root / "artifact" / name, std::ios::binary) << bytes;
  }
  // A stand-in for the worker: a shell script.
  void replace_worker(const std::string& script) {
    workers.folder = root;
    std::ofstream(root / "penstock-scan-worker") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(root / "penstock-scan-worker", fs::perms::owner_all);
  }
  Result<sdk::GateAnswer> check(const nlohmann::json& with = nlohmann::json::object()) {
    auto gate = security::security_signoff_kind().make(with);
    REQUIRE(gate);
    sdk::Tools tools{http, process, artifacts, endpoints, folders, clock, crypto, workers};
    return (*gate)->check(request, tools);
  }

  fs::path root;
  NoHttp http;
  penstock::runtime::ChildProcess process;
  Artifacts artifacts;
  NoEndpoints endpoints;
  NoFolders folders;
  Clock clock;
  Crypto crypto;
  sdk::Workers workers{fs::path(PENSTOCK_BINARY_DIR) / "bin"};
  sdk::GateRequest request;
};

bool has_detail(const sdk::GateAnswer& answer, const std::string& rule, Verdict verdict) {
  for (const auto& detail : answer.finding.details)
    if (detail.rule == rule && detail.verdict == verdict) return true;
  return false;
}

}  // namespace

TEST_CASE("an artifact that is understood and harmless is signed off, with its coverage as evidence") {
  SignoffStory story;
  story.put("model.pkl", fixture("forest-cloudpickle.pkl"));
  story.put("model.skops", fixture("forest.skops"));
  story.put("MLmodel", "flavors: {sklearn: {pickled_model: model.pkl}}\n");
  const auto answer = story.check();
  REQUIRE(answer);
  INFO(answer->finding.observed);
  CHECK(answer->finding.verdict == Verdict::passed);
  CHECK(answer->finding.observed == "3 of 3 files looked at (1 pickle, 1 skops, 1 text); nothing against them");
  CHECK(answer->finding.next.empty());
  CHECK(has_detail(*answer, "coverage", Verdict::passed));
  CHECK(has_detail(*answer, "artifact/digest", Verdict::passed));
  REQUIRE(answer->evidence.size() == 1);
  CHECK(answer->evidence[0].name == "report.json");
  const auto evidence = nlohmann::json::parse(answer->evidence[0].content);
  CHECK(evidence["artifact"] == "sha256:" + std::string(64, 'a'));
  CHECK(evidence["allow_list_digest"] == penstock::runtime::sha256(security::AllowList::text()).text());
  CHECK(evidence["files"].size() == 3);
}

TEST_CASE("a hostile pickle fails, with the rule, the global and the place") {
  SignoffStory story;
  story.put("model.pkl", proto(2) + payload() + ".");
  const auto answer = story.check();
  REQUIRE(answer);
  CHECK(answer->finding.verdict == Verdict::failed);
  CHECK(has_detail(*answer, "pickle/global-not-allowed", Verdict::failed));
  CHECK(answer->finding.details[2].observed == "`os.system` is imported");
  CHECK(answer->finding.details[2].where == "model.pkl, byte 2");
  CHECK_FALSE(answer->finding.next.empty());
}

TEST_CASE("what is not understood fails, and what a person may mean is inconclusive") {
  SignoffStory story;
  story.put("notes.txt", "hello\n");
  story.put("requirements.txt", "--index-url https://host/simple\n");
  CHECK(story.check()->finding.verdict == Verdict::inconclusive);
  story.put("blob", "\x01\x02\x03");
  const auto answer = story.check();
  CHECK(answer->finding.verdict == Verdict::failed);
  CHECK(has_detail(*answer, "not-understood", Verdict::failed));
}

TEST_CASE("an artifact without files, and a candidate without an artifact, are not signed off") {
  SignoffStory story;
  CHECK(story.check()->finding.verdict == Verdict::failed);
  story.request.candidate.artifact.reset();
  CHECK(story.check()->finding.verdict == Verdict::failed);
}

TEST_CASE("bytes with another digest fail; bytes that cannot be had are no answer") {
  SignoffStory story;
  story.artifacts.folder = Problem{"digest-mismatch", "the source gave other bytes", "", ""};
  const auto answer = story.check();
  REQUIRE(answer);
  CHECK(answer->finding.verdict == Verdict::failed);
  CHECK(has_detail(*answer, "artifact/digest", Verdict::failed));
  story.artifacts.folder = Problem{"unreachable", "the source is away", "", "", true};
  CHECK(story.check().error().code == "unreachable");
}

TEST_CASE("what an operator lists is allowed, and kept in the evidence with its reason") {
  SignoffStory story;
  story.put("model.pkl", proto(4) + stack_global("our.features", "Scaler") + ")\x81}b.");
  CHECK(story.check()->finding.verdict == Verdict::failed);
  const auto answer =
      story.check({{"allow", {{{"module", "our.features"}, {"name", "Scaler"}, {"reason", "reviewed in change 12"}}}}});
  REQUIRE(answer);
  CHECK(answer->finding.verdict == Verdict::passed);
  CHECK(answer->evidence[0].content.find("reviewed in change 12") != std::string::npos);
}

TEST_CASE("a global cannot be allowed without a reason, nor an unknown key be written") {
  const auto make = security::security_signoff_kind().make;
  CHECK_FALSE(make({{"allow", {{{"module", "a"}, {"name", "b"}}}}}));
  CHECK_FALSE(make({{"alow_code", true}}));
  CHECK(make({{"allow_code", true}}));
}

TEST_CASE("a worker that crashes, gives up, prints garbage or never ends is no answer") {
  SignoffStory story;
  story.put("notes.txt", "hello\n");
  const auto code_of = [&](const std::string& script) {
    story.replace_worker(script);
    const auto answer = story.check();
    REQUIRE_FALSE(answer);
    return answer.error().code;
  };
  CHECK(code_of("kill -SEGV $$") == "scan-worker-died");
  CHECK(code_of("exit 1") == "scan-worker-failed");
  CHECK(code_of("echo passed") == "scan-report-unreadable");
  CHECK(code_of("echo '{\"report\":\"penstock-scan/1\"}'") == "scan-report-unreadable");
  CHECK(code_of("head -c 20000000 /dev/zero") == "too-large");
  story.request.deadline = story.clock.now() + std::chrono::milliseconds(100);
  CHECK(code_of("sleep 60") == "timeout");
  story.request.deadline = story.clock.now();
  CHECK(code_of("exit 0") == "timeout");
  story.workers.folder = story.root / "nowhere";
  CHECK_FALSE(story.check());
}

TEST_CASE("a worker's report that is milder than its remarks, of another build, or not of all files is no answer") {
  SignoffStory story;
  story.put("notes.txt", "hello\n");
  security::Report report;
  report.allow_list = security::AllowList::version();
  report.files_met = report.files_looked_at = 1;
  const auto code_of = [&](const nlohmann::json& document) {
    story.replace_worker("cat <<'END'\n" + document.dump() + "\nEND");
    const auto answer = story.check();
    return answer ? std::string(core::name_of(answer->finding.verdict)) : answer.error().code;
  };
  CHECK(code_of(to_json(report)) == "passed");
  auto other = report;
  other.allow_list = "1999.1";
  CHECK(code_of(to_json(other)) == "scan-report-unreadable");
  other = report;
  other.files_met = other.files_looked_at = 2;
  CHECK(code_of(to_json(other)) == "scan-incomplete");
  other = report;
  other.files_looked_at = 0;
  CHECK(code_of(to_json(other)) == "failed");
  other = report;
  other.add({Level::unsafe, "x", "y", "z", ""});
  auto mild = to_json(other);
  mild["level"] = "clean";
  CHECK(code_of(mild) == "scan-report-unreadable");
}

TEST_CASE("the worker refuses a request that is not one, and says so") {
  penstock::runtime::ChildProcess process;
  sdk::ProcessRequest request;
  request.argv = {(fs::path(PENSTOCK_BINARY_DIR) / "bin" / "penstock-scan-worker").string()};
  for (const auto* input : {"", "{}", "not json", R"({"request":"penstock-scan/9"})"}) {
    request.input = input;
    const auto result = process.run(request);
    REQUIRE(result);
    CHECK(result->exit_code == 3);
    CHECK(result->output.empty());
    CHECK(result->errors.find("penstock-scan-worker: ") == 0);
  }
}
