#include "tests/simulation/history.hpp"

#include <array>
#include <cstdio>

namespace penstock::simulation {
namespace {
constexpr std::size_t lines_kept = 80;
}

void History::tell(std::string_view who, std::string_view what) {
  std::array<char, 32> time{};
  const auto now = schedule_.now().count();
  std::snprintf(time.data(), time.size(), "%6lld.%06lld", static_cast<long long>(now / 1'000'000),
                static_cast<long long>(now % 1'000'000));
  std::string line(time.data());
  line.append("  ").append(who).append(who.size() < 10 ? 10 - who.size() : 0, ' ').append("  ").append(what);
  line += '\n';
  bytes_.update(line);
  ++lines_;
  if (aloud_) std::fputs(line.c_str(), stdout);
  last_.push_back(std::move(line));
  if (last_.size() > lines_kept) last_.pop_front();
}

void History::seal(std::string_view what) { bytes_.update(what); }

std::string History::last_lines() const {
  std::string text;
  for (const auto& line : last_) text += line;
  return text;
}

}  // namespace penstock::simulation
