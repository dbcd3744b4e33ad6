// A witness over HTTP, as https://c2sp.org/tlog-witness describes it: a real server that verifies what it is sent.
#include "daemon/audit/witness.hpp"

#include <mutex>

#include "daemon/runtime/http_client.hpp"
#include "tests/audit/log.hpp"
#include "tests/audit/witness_key.hpp"
#include "tests/runtime/server.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Remembers the newest checkpoint that it has cosigned. It answers on a thread of the server's.
class WitnessServer {
 public:
  std::string answer(const std::string& request) {
    const std::lock_guard lock(mutex_);
    if (instead_) return *instead_;
    if (!request.starts_with("POST /w/add-checkpoint ")) return http_answer("404 Not Found", "");
    const auto body = request.substr(request.find("\r\n\r\n") + 4);
    const auto blank = body.find("\n\n");
    const auto head = lines_of(body.substr(0, blank));
    const auto note = body.substr(blank + 2);
    const auto checkpoint = open_checkpoint(note, signer().verifier());
    if (!checkpoint) return http_answer("403 Forbidden", "");
    const auto old = std::stoull(head.front().substr(4));
    if (old > checkpoint->size) return http_answer("400 Bad Request", "");
    if (old != seen_.size) return http_answer("409 Conflict", std::to_string(seen_.size) + "\n");
    Hashes proof;
    for (std::size_t i = 1; i < head.size(); ++i) {
      Hash hash{};
      const auto bytes = runtime::from_base64(head[i]).value();
      std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data()));
      proof.push_back(hash);
    }
    if (old == checkpoint->size && checkpoint->root != seen_.root)
      return http_answer("409 Conflict", std::to_string(seen_.size) + "\n");
    if (!is_consistent(old, seen_.root, checkpoint->size, checkpoint->root, proof))
      return http_answer("422 Unprocessable Entity", "");
    seen_ = *checkpoint;
    return http_answer("200 OK", key.cosign(text_of(*checkpoint), 1'700'000'000));
  }

  std::uint64_t size() {
    const std::lock_guard lock(mutex_);
    return seen_.size;
  }
  void has_seen(Checkpoint checkpoint) {
    const std::lock_guard lock(mutex_);
    seen_ = std::move(checkpoint);
  }
  void answers(std::optional<std::string> instead) {
    const std::lock_guard lock(mutex_);
    instead_ = std::move(instead);
  }

  const WitnessKey key{"witness.example.com/w1"};

 private:
  std::mutex mutex_;
  Checkpoint seen_{"", 0, empty_root()};
  std::optional<std::string> instead_;  // of what a witness says
};

struct WitnessRig {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  LogWriter writer = LogWriter::open(log, signer()).value();
  std::uint64_t size = 0;
  WitnessServer witness;
  TestServer server{[this](const std::string& request, int) { return witness.answer(request); }};
  runtime::HttpClient http;
  std::vector<std::string> kept;

  Witness client(bool allow_private = true) {
    Witness::Parts parts{http, witness.key.verifier(), server.url("/w"), allow_private};
    parts.timeout = 2s;
    parts.cosigned = [this](const std::string& note, const std::string& line) {
      kept.push_back(note + line);
      REQUIRE(writer.keep_cosignature(witness_file(witness.key.verifier()), note, line));
    };
    return Witness(std::move(parts));
  }
  void grow(std::uint64_t to) {
    REQUIRE(writer.append(entries(size, to), true).has_value());
    size = to;
  }
  core::Result<std::uint64_t> bring(Witness& client) {
    return client.bring({log, signer().verifier(), content(log / "checkpoint"), writer.checkpoint()});
  }
  std::string problem(Witness& client) {
    const auto done = bring(client);
    REQUIRE(done.has_error());
    CHECK(kept.empty());
    return done.error().code + ": " + done.error().message;
  }
};

}  // namespace

TEST_CASE("a witness cosigns each checkpoint that goes on from the one before") {
  WitnessRig rig;
  auto client = rig.client();
  for (const std::uint64_t size : {1U, 2U, 3U, 256U, 700U, 5000U}) {
    rig.grow(size);
    INFO(size);
    CHECK(rig.bring(client).value() == size);
    CHECK(rig.witness.size() == size);
    CHECK(rig.kept.back() == content(rig.log / "checkpoint"));
  }
  // The same one again: it is not sent with cosignatures of its own.
  CHECK(rig.bring(client).value() == 5000);
  CHECK(rig.server.requests().size() == 7);
}

TEST_CASE("after a restart the witness says how far it is, and is sent the proof from there") {
  WitnessRig rig;
  rig.grow(300);
  {
    auto client = rig.client();
    CHECK(rig.bring(client).value() == 300);
  }
  rig.grow(400);
  auto client = rig.client();
  CHECK(rig.bring(client).value() == 400);
  CHECK(rig.server.requests().size() == 3);
  CHECK(rig.witness.size() == 400);
}

TEST_CASE("a witness that has seen another log is told, and cosigns nothing") {
  WitnessRig rig;
  rig.grow(300);
  rig.witness.has_seen({"", 200, leaf_hash("another history")});
  auto client = rig.client();
  CHECK_THAT(rig.problem(client), Catch::StartsWith("audit-differs") && Catch::Contains("200 entries"));
  rig.witness.has_seen({"", 300, leaf_hash("another history")});
  auto same_size = rig.client();
  CHECK_THAT(rig.problem(same_size), Catch::StartsWith("audit-differs"));
  rig.witness.has_seen({"", 301, leaf_hash("another history")});
  auto ahead = rig.client();
  CHECK_THAT(rig.problem(ahead), Catch::StartsWith("audit-ahead"));
}

TEST_CASE("what a witness answers besides is told, and is never an acknowledgement") {
  WitnessRig rig;
  rig.grow(3);
  auto client = rig.client();
  const auto answers = [&](const std::string& status, const std::string& body) {
    rig.witness.answers(http_answer(status, body));
    return rig.problem(client);
  };
  CHECK_THAT(answers("404 Not Found", "unknown log"), Catch::Contains("answered 404: unknown log"));
  CHECK_THAT(answers("403 Forbidden", ""), Catch::Contains("answered 403"));
  CHECK_THAT(answers("500 Oops", std::string(5000, 'x')), Catch::Contains("answered 500"));
  CHECK_THAT(answers("409 Conflict", "nonsense"), Catch::Contains("answered 409"));
  CHECK_THAT(answers("409 Conflict", "99999999999999999999999"), Catch::Contains("answered 409"));
  CHECK_THAT(answers("302 Found", ""), Catch::Contains("answered 302"));
  CHECK_THAT(answers("200 OK", ""), Catch::StartsWith("bad-note"));
  CHECK_THAT(answers("200 OK", "nonsense\n"), Catch::StartsWith("bad-note"));
  CHECK_THAT(answers("200 OK", std::string(100'000, 'x')), Catch::StartsWith("too-large"));
  const auto text = text_of(rig.writer.checkpoint());
  CHECK_THAT(answers("200 OK", WitnessKey("witness.example.com/w1").cosign(text, 1'700'000'000)),
             Catch::StartsWith("bad-note"));
  CHECK_THAT(answers("200 OK", rig.witness.key.cosign("example.com/audit\n4\nroot\n", 1'700'000'000)),
             Catch::StartsWith("bad-note"));
  rig.witness.answers("");
  CHECK_THAT(rig.problem(client), Catch::StartsWith("unreachable"));
  rig.witness.answers(std::nullopt);
  CHECK(rig.bring(client).value() == 3);
}

TEST_CASE("a witness at a private address is asked only where that was meant") {
  WitnessRig rig;
  rig.grow(3);
  auto client = rig.client(false);
  CHECK_THAT(rig.problem(client), Catch::StartsWith("address-refused"));
  CHECK(rig.server.connections() == 0);
}
