#include "daemon/settings_places.hpp"

#include <charconv>

namespace penstock {
namespace {

using core::declared::Mark;
using core::declared::Value;

struct Step {
  const Value* value = nullptr;
  Mark mark;  // of the key, or of the item
};

// "[3]" or "name" at the start of `path`, taken off it.
Step step(const Value& from, std::string_view& path) {
  if (path.front() == '[') {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    const auto* sequence = std::get_if<core::declared::Sequence>(&from.data);
    if (error != std::errc() || sequence == nullptr || index >= sequence->size()) return {};
    path.remove_prefix(std::min(path.size(), static_cast<std::size_t>(end - path.data()) + 1));
    return {&(*sequence)[index], (*sequence)[index].mark};
  }
  const auto* mapping = std::get_if<core::declared::Mapping>(&from.data);
  if (mapping == nullptr) return {};
  // The whole rest first: the names of data roots may hold dots.
  for (const auto length : {path.size(), std::min(path.find_first_of(".["), path.size())})
    if (const auto* entry = core::declared::find_entry(*mapping, std::string(path.substr(0, length)))) {
      path.remove_prefix(length);
      return {&entry->value, entry->mark};
    }
  return {};
}

}  // namespace

const Value* Places::find(const std::string& path) const {
  const auto* at = document_;
  for (std::string_view rest = path; at != nullptr && !rest.empty();) {
    if (rest.front() == '.') rest.remove_prefix(1);
    if (!rest.empty()) at = step(*at, rest).value;
  }
  return at;
}

Mark Places::mark(const std::string& path) const {
  const auto* at = document_;
  auto mark = at->mark;
  for (std::string_view rest = path; !rest.empty();) {
    if (rest.front() == '.') rest.remove_prefix(1);
    if (rest.empty()) break;
    const auto next = step(*at, rest);
    if (next.value == nullptr) break;
    at = next.value;
    mark = next.mark;
  }
  return mark;
}

}  // namespace penstock
