// What witnesses sign, and whether it fits.
#include "daemon/audit/cosignature.hpp"

#include "daemon/audit/verify.hpp"
#include "daemon/runtime/ed25519.hpp"
#include "tests/audit/log.hpp"
#include "tests/audit/witness_key.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

constexpr std::uint64_t seconds = 1'700'000'100;

std::vector<Signature> signatures(const std::string& lines) { return read_signatures(lines).value(); }

}  // namespace

TEST_CASE("a cosignature is of a checkpoint's whole text and of a time") {
  CHECK(cosigned_text("example.com/log\n42\nroot=\n", 1679315147) ==
        "cosignature/v1\ntime 1679315147\nexample.com/log\n42\nroot=\n");
  const WitnessKey witness("witness.example.com/w1");
  const std::string text = "example.com/log\n42\nroot=\n";
  const auto found = find_cosignature(text, signatures(witness.cosign(text, seconds)), witness.verifier()).value();
  REQUIRE(found);
  CHECK(found->at == core::Time(std::chrono::seconds(seconds)));
  CHECK(found->line == witness.cosign(text, seconds));
  // The line of the specification's example has the same form: a name, an id, a time and 64 bytes.
  const auto example = signatures(
      "\u2014 witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n");
  CHECK(example.front().bytes.size() == 8 + 64);
  CHECK(runtime::hex(example.front().bytes.substr(0, 8)) == "00000000641850cb");
}

TEST_CASE("a cosignature of another text, time or key does not fit, and that of a stranger is passed over") {
  const WitnessKey witness("witness.example.com/w1");
  const std::string text = "example.com/log\n42\nroot=\n";
  const auto line = witness.cosign(text, seconds);
  const auto problem_of = [&](const std::string& of, const std::string& lines) {
    return find_cosignature(of, signatures(lines), witness.verifier());
  };
  CHECK(problem_of("example.com/log\n43\nroot=\n", line).error().code == "bad-note");
  CHECK(problem_of("example.com/other\n42\nroot=\n", line).error().code == "bad-note");
  CHECK(problem_of(text, witness.line(seconds + 1, witness.signature(text, seconds))).error().code == "bad-note");
  CHECK(problem_of(text, witness.line(0, witness.signature(text, 0))).error().code == "bad-note");
  CHECK(problem_of(text, witness.line(seconds, "short")).error().code == "bad-note");
  CHECK(problem_of(text, witness.line(seconds, WitnessKey("witness.example.com/w1").signature(text, seconds)))
            .error()
            .code == "bad-note");
  CHECK_FALSE(problem_of(text, WitnessKey("witness.example.com/w2").cosign(text, seconds)).value());
  CHECK_FALSE(problem_of(text, WitnessKey("witness.example.com/w1").cosign(text, seconds)).value());
  CHECK_FALSE(problem_of(text, "").value());
  for (const std::string bad : {"no line", "\u2014 name\n", "\u2014 name AAAA\n", "\u2014 name AAAAAAAA"})
    CHECK(read_signatures(bad).error().code == "bad-note");
}

TEST_CASE("the key of a witness is read in both of its forms, and has an id of its own kind") {
  const WitnessKey witness("witness.example.com/w1");
  const auto verifier = witness.verifier();
  const auto read = Verifier::parse_witness(verifier.text() + "\n").value();
  CHECK(read.id() == verifier.id());
  CHECK(read.key == verifier.key);
  const Verifier plain{verifier.name, verifier.key, KeyKind::log};
  CHECK(plain.id() != verifier.id());
  CHECK(Verifier::parse_witness(plain.text()).value().id() == verifier.id());
  // A log's key is no witness'.
  CHECK(Verifier::parse(verifier.text()).has_error());
  CHECK(Verifier::parse_witness("nonsense").error().code == "bad-key");
  const auto hash = runtime::sha256_raw(verifier.name + "\n\x04", verifier.key);
  CHECK(verifier.id() == std::string(reinterpret_cast<const char*>(hash.data()), 4));
}

TEST_CASE("cosignatures are kept below the newest checkpoint and in a file of their own, and demanded by verify") {
  TemporaryFolder folder;
  const fs::path log = folder / "log";
  const WitnessKey witness("witness.example.com/w1");
  auto writer = LogWriter::open(log, signer()).value();
  REQUIRE(writer.append(entries(0, 3), true));
  const auto key = signer().verifier();
  CHECK_FALSE(verify(log, key, {}, {witness.verifier()}).good());
  const auto note = content(log / "checkpoint");
  const auto text = read_note(note).value().text;
  const auto line = witness.cosign(text, seconds);
  const auto file = witness_file(witness.verifier());
  REQUIRE(writer.keep_cosignature(file, note, line));
  CHECK(content(log / "checkpoint") == note + line);
  // Once for each witness, however often it comes.
  REQUIRE(writer.keep_cosignature(file, note, witness.cosign(text, seconds + 5)));
  CHECK(content(log / "checkpoint") == note + line);
  auto report = verify(log, key, {}, {witness.verifier()});
  CHECK(report.good());
  REQUIRE(report.witnessed.size() == 1);
  CHECK(report.witnessed.front().size == 3);

  // A newer checkpoint has none yet: what was cosigned is still known.
  REQUIRE(writer.append(entries(3, 5), true));
  report = verify(log, key, {}, {witness.verifier()});
  CHECK(report.good());
  CHECK(report.witnessed.front().size == 3);
  CHECK_FALSE(report.notes.empty());
  // One that comes too late for the newest one is kept in its file alone.
  const auto newest = content(log / "checkpoint");
  REQUIRE(writer.keep_cosignature(file, note, line));
  CHECK(content(log / "checkpoint") == newest);

  // What a witness has seen is held against the log, also where nobody asks for the witness.
  const auto kept = content(log / file);
  const auto beyond = signer().sign(text_of(Checkpoint{key.name, 6, leaf_hash("x")}));
  write(log / file, beyond + witness.cosign(read_note(beyond).value().text, seconds));
  report = verify(log, key);
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults.front().where == file);
  CHECK_THAT(report.faults.front().what, Catch::Contains("the log was cut short"));
  for (const auto& bytes : {std::string("garbage"), std::string()}) {
    write(log / file, bytes);
    CHECK(verify(log, key).faults.front().where == file);
  }
  write(log / file, kept);
  CHECK(verify(log, key).good());

  CHECK_FALSE(verify(log, key, {}, {WitnessKey("witness.example.com/w1").verifier()}).good());
  // What was cosigned must be the log's.
  const auto other = signer().sign(text_of(Checkpoint{signer().verifier().name, 4, leaf_hash("x")}));
  const auto others_text = read_note(other).value().text;
  write(log / file, other + witness.cosign(others_text, seconds));
  CHECK_FALSE(verify(log, key, {}, {witness.verifier()}).good());
  write(log / file, note + witness.line(seconds, std::string(64, 'x')));
  CHECK_FALSE(verify(log, key, {}, {witness.verifier()}).good());
  // A log goes on from a checkpoint with cosignatures.
  { auto dropped = std::move(writer); }
  CHECK(LogWriter::open(log, signer()).has_value());
}
