// One flipped bit in a log that is gone on with: refused, or nothing of the log is lost and the verification tells.
#include <stdlib.h>
#include <unistd.h>

#include "daemon/audit/verify.hpp"
#include "tests/audit/log.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

namespace {

constexpr std::uint64_t log_size = 7;

struct Counts {
  int refused = 0;
  int told = 0;  // gone on with, and `verify` tells of the damage
  int unharmed = 0;
};

void write_all(const fs::path& at, const std::map<std::string, std::string>& files) {
  fs::remove_all(at);
  for (const auto& [path, bytes] : files) write(at / path, bytes);
}

void go_on(const fs::path& at, const std::map<std::string, std::string>& whole, Counts& counts) {
  auto writer = LogWriter::open(at, signer());
  if (!writer) {
    REQUIRE(writer.error().code == "audit-damaged");
    REQUIRE_FALSE(writer.error().where.empty());
    ++counts.refused;
    return;
  }
  const auto appended = writer->append(entries(log_size, log_size + 1), true);
  REQUIRE(appended);
  const auto report = verify(at, signer().verifier());
  if (!report.good()) {
    ++counts.told;
    return;
  }
  // Whatever was flipped: every entry and every checkpoint is there.
  ++counts.unharmed;
  REQUIRE(report.entries == log_size + 1);
  REQUIRE(content(at / checkpoints_file).starts_with(whole.at(checkpoints_file)));
}

}  // namespace

TEST_CASE("one flipped bit in a log that is gone on with is refused or told, and no checkpoint is dropped") {
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  TemporaryFolder folder;
  const fs::path at = folder / "log";
  make_log(at, {2, 5, log_size});
  const auto whole = files(at);
  Counts counts;
  for (const auto& [path, bytes] : whole) {
    // Every bit of the signed files; of the others, which verify.cpp goes through, one of each byte.
    const std::size_t step = path.starts_with("checkpoint") ? 1 : 9;
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += step) {
      auto flipped = whole;
      auto& byte = flipped.at(path)[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      write_all(at, flipped);
      INFO(path << ", bit " << bit % 8 << " of byte " << bit / 8);
      go_on(at, whole, counts);
    }
  }
  CHECK(counts.refused > 2000);
  CHECK(counts.told > 100);
  CHECK(counts.unharmed == 0);
}
