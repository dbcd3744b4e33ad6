// The property test: random policies, people and orders of events, and what must hold whatever happens.
//
//   property [--cases N] [--seed S]
//
// Case n of a run is made from the seed S + n, so that `--cases 1 --seed` and the seed of a failure play it again.
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/property/invent.hpp"

namespace penstock::property {
namespace {

struct Arguments {
  std::uint64_t cases = 100'000;
  std::uint64_t seed = 1;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const auto value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0') return std::nullopt;
  return value;
}

std::optional<Arguments> arguments_of(int count, char** words) {
  Arguments arguments;
  for (int n = 1; n < count; n += 2) {
    const auto value = n + 1 < count ? number(words[n + 1]) : std::nullopt;
    if (!value) return std::nullopt;
    if (std::strcmp(words[n], "--cases") == 0)
      arguments.cases = *value;
    else if (std::strcmp(words[n], "--seed") == 0)
      arguments.seed = *value;
    else
      return std::nullopt;
  }
  return arguments;
}

std::optional<Failure> invent_and_play(Case& invented, Chance& chance, std::uint64_t& steps) {
  Play play(invented);
  Inventor inventor(invented, play, chance);
  const int most = chance.between(5, 28);
  invented.steps.reserve(static_cast<std::size_t>(most));
  for (int left = most; left > 0; --left) {
    invented.steps.push_back(inventor.next());
    ++steps;
    if (auto failure = play.happens(invented.steps.back())) return failure;
  }
  return play.is_left_to_itself();
}

void report(const Case& invented, const Failure& failure) {
  const auto shortest = shrunk(invented, failure);
  const auto again = play(shortest);
  std::printf("broken: %s\n  %s\nseed %llu: tests/property/run.sh --cases 1 --seed %llu plays it again\n\n%s",
              failure.property.c_str(), (again ? again->seen : failure.seen).c_str(),
              static_cast<unsigned long long>(invented.seed), static_cast<unsigned long long>(invented.seed),
              story_of(shortest).c_str());
}

}  // namespace
}  // namespace penstock::property

int main(int count, char** words) {
  using namespace penstock::property;
  const auto arguments = arguments_of(count, words);
  if (!arguments) {
    std::fprintf(stderr, "usage: %s [--cases N] [--seed S], whole numbers\n", words[0]);
    return 2;
  }
  std::uint64_t steps = 0;
  for (std::uint64_t n = 0; n < arguments->cases; ++n) {
    Chance chance(arguments->seed + n);
    auto invented = invented_setting(arguments->seed + n, chance);
    if (const auto failure = invent_and_play(invented, chance, steps)) {
      report(invented, *failure);
      return 1;
    }
  }
  std::printf("%llu cases from seed %llu on, %llu steps: every property held\n",
              static_cast<unsigned long long>(arguments->cases), static_cast<unsigned long long>(arguments->seed),
              static_cast<unsigned long long>(steps));
  return 0;
}
