// The simulation: the daemon's own parts in worlds made from seeds, and what must hold in them after every step.
//
//   simulation [--seeds N] [--first S] [--aloud]
//
// simulation_planted also takes --planted N: the bug of daemon/core/planted.hpp that shows itself.
//
// Prints the digest over all histories; or the first seed in which something is broken, what, and its last steps.
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "daemon/core/planted.hpp"
#include "daemon/runtime/log.hpp"
#include "tests/runtime/folder.hpp"
#include "tests/simulation/play.hpp"

#ifdef PENSTOCK_PLANTED_BUGS
namespace {
int planted = 0;
}
int penstock::planted_bug() { return planted; }
#endif

namespace penstock::simulation {
namespace {

struct Arguments {
  std::uint64_t seeds = 2'000;
  std::uint64_t first = 1;
  bool aloud = false;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const auto value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0') return std::nullopt;
  return value;
}

std::optional<Arguments> arguments_of(int count, char** words) {
  Arguments arguments;
  for (int n = 1; n < count; ++n) {
    if (std::strcmp(words[n], "--aloud") == 0) {
      arguments.aloud = true;
      continue;
    }
    const auto value = n + 1 < count ? number(words[n + 1]) : std::nullopt;
    if (!value) return std::nullopt;
    if (std::strcmp(words[n], "--seeds") == 0)
      arguments.seeds = *value;
    else if (std::strcmp(words[n], "--first") == 0)
      arguments.first = *value;
#ifdef PENSTOCK_PLANTED_BUGS
    else if (std::strcmp(words[n], "--planted") == 0)
      planted = static_cast<int>(*value);
#endif
    else
      return std::nullopt;
    ++n;
  }
  return arguments;
}

int play_all(const Arguments& arguments) {
  runtime::set_log_level(runtime::LogLevel::error);
  TestFolder folder;
  auto evidence = runtime::ContentStore::open(folder / "evidence").value();
  runtime::Sha256 all;
  std::int64_t steps = 0;
  for (std::uint64_t n = 0; n < arguments.seeds; ++n) {
    const auto seed = arguments.first + n;
    const auto played = Play(seed, evidence, arguments.aloud).run();
    if (played.violation) {
      std::printf("seed %llu breaks: %s\n  %s\nthe last steps:\n%s", static_cast<unsigned long long>(seed),
                  played.violation->invariant.c_str(), played.violation->seen.c_str(), played.last_lines.c_str());
      return 1;
    }
    all.update(played.digest.hex());
    steps += played.steps;
  }
  std::printf("%llu histories from seed %llu on, %lld steps: every promise held\ndigest %s\n",
              static_cast<unsigned long long>(arguments.seeds), static_cast<unsigned long long>(arguments.first),
              static_cast<long long>(steps), all.finish().hex().c_str());
  return 0;
}

}  // namespace
}  // namespace penstock::simulation

int main(int count, char** words) {
  using namespace penstock::simulation;
  const auto arguments = arguments_of(count, words);
  if (!arguments) {
    std::fprintf(stderr, "usage: %s [--seeds N] [--first S] [--aloud], whole numbers\n", words[0]);
    return 2;
  }
  return play_all(*arguments);
}
