#include "daemon/audit/verify_entries.hpp"

#include <algorithm>

#include "daemon/core/json_text.hpp"
#include "daemon/core/words.hpp"

namespace penstock::audit {
namespace {

constexpr std::size_t most_notes = 100;

std::string entry_name(std::uint64_t index) { return "entry " + std::to_string(index); }

std::string member_text(const nlohmann::json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Divided divide(std::string_view bundle) {
  Divided divided;
  while (!bundle.empty()) {
    const auto size = bundle.size() < 2 ? bundle.size()
                                        : static_cast<std::size_t>(static_cast<unsigned char>(bundle[0])) * 256 +
                                              static_cast<unsigned char>(bundle[1]);
    if (bundle.size() < 2 || bundle.size() - 2 < size) {
      divided.whole = false;
      break;
    }
    divided.entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  return divided;
}

Faults compare_entries(std::uint64_t first, std::span<const Hash> found, std::span<const Hash> hashes,
                       const std::string& file) {
  Faults faults;
  const auto add = [&](std::size_t i, const std::string& what) {
    faults.add(file + ", " + entry_name(first + i), what);
  };
  std::size_t i = 0;
  // `gone`: entries of the signed log that are not there any more; what follows them has moved up.
  for (std::size_t gone = 0; i + gone < hashes.size(); ++i) {
    if (i < found.size() && found[i] == hashes[i + gone]) continue;
    const auto elsewhere = i < found.size() ? std::find(hashes.begin(), hashes.end(), found[i]) : hashes.end();
    const bool is_next = i + gone + 1 < hashes.size() && i < found.size() && found[i] == hashes[i + gone + 1];
    if (i >= found.size()) {
      for (auto missing = i + gone; missing < hashes.size(); ++missing) add(missing, "is missing: cut off or dropped");
      break;
    }
    if (is_next && found.size() < hashes.size()) {
      add(i + gone, "was dropped; those behind it have moved up");
      ++gone;
      --i;
    } else if (elsewhere != hashes.end()) {
      add(i + gone, "was put in another order: " +
                        entry_name(first + static_cast<std::uint64_t>(elsewhere - hashes.begin())) + " stands there");
    } else {
      add(i + gone, "was changed");
    }
  }
  if (found.size() > hashes.size()) add(hashes.size(), "was added: the log has no such entry");
  return faults;
}

void Times::read(std::uint64_t index, std::string_view entry, Report& report, Faults& faults) {
  const auto document = core::read_json(entry, {8, 1000});
  const auto at = document && document->is_object() ? core::parse_time(member_text(*document, "at")) : std::nullopt;
  const auto up = at ? document->find("up") : nlohmann::json::const_iterator();
  if (!at || up == document->end() || !up->is_number_integer()) {
    faults.add(entry_name(index), "was signed, and is no audit entry of Penstock (no `at`, or no `up`)");
    return;
  }
  const auto daemon = member_text(*document, "daemon");
  auto [known, is_new] = up_.try_emplace(daemon, up->get<std::int64_t>());
  if (!is_new && up->get<std::int64_t>() < known->second)
    faults.add(entry_name(index),
               "is older than the one of the same daemon before it: that clock cannot be set, so this was not written "
               "by Penstock");
  known->second = up->get<std::int64_t>();
  const auto text = core::to_text(*at);
  if (!last_.empty() && text < last_ && report.notes.size() < most_notes)
    report.notes.push_back(entry_name(index) + ": the wall clock went back from " + last_ + " to " + text);
  last_ = text;
  if (report.first_at.empty()) report.first_at = text;
  report.last_at = text;
}

}  // namespace penstock::audit
