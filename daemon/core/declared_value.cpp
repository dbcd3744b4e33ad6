#include "daemon/core/declared_value.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <stdexcept>

namespace penstock::core::declared {
namespace {

// Texts in messages are cut here, at a character's start, so that one long value does not bury the rest.
constexpr std::size_t shown_bytes = 60;

std::string number_text(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
  return nlohmann::json(number).dump();
}

// Optimal string alignment: insertion, deletion, substitution and the swap of two neighbours cost 1 each.
std::size_t edit_distance(const std::string& left, const std::string& right) {
  std::vector<std::size_t> before(right.size() + 1), row(right.size() + 1), earlier(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    earlier = std::exchange(before, row);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted = before[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        row[j] = std::min(row[j], earlier[j - 2] + 1);
    }
  }
  return row[right.size()];
}

std::string folded(std::string word) {
  for (auto& c : word) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

Value value_at_depth(const nlohmann::json& document, int depth) {
  if (depth > max_depth) throw std::length_error("a document nested deeper than its reader allows");
  Value value;
  switch (document.type()) {
    case nlohmann::json::value_t::boolean:
      value.data = document.get<bool>();
      break;
    case nlohmann::json::value_t::number_integer:
      value.data = document.get<std::int64_t>();
      break;
    case nlohmann::json::value_t::number_unsigned: {
      const auto number = document.get<std::uint64_t>();
      if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        value.data = static_cast<std::int64_t>(number);
      else
        value.data = static_cast<double>(number);
      break;
    }
    case nlohmann::json::value_t::number_float:
      value.data = document.get<double>();
      break;
    case nlohmann::json::value_t::string:
      value.data = document.get_ref<const std::string&>();
      break;
    case nlohmann::json::value_t::array: {
      Sequence sequence;
      sequence.reserve(document.size());
      for (const auto& item : document) sequence.push_back(value_at_depth(item, depth + 1));
      value.data = std::move(sequence);
      break;
    }
    case nlohmann::json::value_t::object: {
      Mapping mapping;
      mapping.reserve(document.size());
      for (const auto& [key, item] : document.items()) mapping.push_back({key, {}, value_at_depth(item, depth + 1)});
      value.data = std::move(mapping);
      break;
    }
    case nlohmann::json::value_t::null:
    case nlohmann::json::value_t::binary:
    case nlohmann::json::value_t::discarded:
      break;
  }
  return value;
}

}  // namespace

std::string quote(const std::string& text) {
  std::string shown = "`";
  std::size_t end = text.size();
  if (end > shown_bytes) {
    end = shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  }
  for (std::size_t i = 0; i < end; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // Control characters would let a document write to the reader's terminal.
    shown += c < 0x20 || c == 0x7F ? '?' : text[i];
  }
  return shown + (end < text.size() ? "…`" : "`");
}

std::string to_text(const Fault& fault, const std::string& file) {
  std::string text = file;
  if (fault.mark.line > 0) {
    if (!text.empty()) text += ":";
    text += std::to_string(fault.mark.line) + ":" + std::to_string(fault.mark.column);
  }
  if (!text.empty()) text += ": ";
  if (!fault.path.empty()) text += fault.path + ": ";
  return text + fault.message;
}

Problem problem_of(const Faults& faults, const std::string& file) {
  Problem problem{"invalid-document", "", file, "", false};
  if (faults.empty()) return problem;
  const auto& first = faults.front();
  if (first.mark.line > 0)
    problem.where +=
        (file.empty() ? "line " : ":") + std::to_string(first.mark.line) + ":" + std::to_string(first.mark.column);
  problem.message = to_text(Fault{{}, first.path, first.message}, "");
  const auto more = faults.size() - 1;
  if (more > 0) problem.message += " (and " + std::to_string(more) + (more == 1 ? " more problem)" : " more problems)");
  return problem;
}

bool deeper_than(const nlohmann::json& document, int levels) {
  if (!document.is_structured()) return false;
  if (levels <= 0) return true;
  return std::any_of(document.begin(), document.end(),
                     [levels](const nlohmann::json& item) { return deeper_than(item, levels - 1); });
}

Value value_of_json(const nlohmann::json& document) { return value_at_depth(document, 0); }

nlohmann::json json_of(const Value& value) {
  struct Visitor {
    nlohmann::json operator()(std::monostate) const { return nullptr; }
    nlohmann::json operator()(bool flag) const { return flag; }
    nlohmann::json operator()(std::int64_t number) const { return number; }
    nlohmann::json operator()(double number) const { return number; }
    nlohmann::json operator()(const std::string& text) const { return text; }
    nlohmann::json operator()(const Sequence& sequence) const {
      auto items = nlohmann::json::array();
      for (const auto& item : sequence) items.push_back(json_of(item));
      return items;
    }
    nlohmann::json operator()(const Mapping& mapping) const {
      auto entries = nlohmann::json::object();
      for (const auto& entry : mapping) entries[entry.key] = json_of(entry.value);
      return entries;
    }
  };
  return std::visit(Visitor{}, value.data);
}

const Entry* find_entry(const Mapping& mapping, const std::string& key) {
  for (const auto& entry : mapping)
    if (entry.key == key) return &entry;
  return nullptr;
}

std::string kind_of(const Value& value, Telling telling) {
  struct Visitor {
    bool is_whole;
    std::string operator()(std::monostate) const { return "nothing"; }
    std::string operator()(bool flag) const { return flag ? "`true`" : "`false`"; }
    std::string operator()(std::int64_t number) const {
      return is_whole ? "the number " + std::to_string(number) : "a number";
    }
    std::string operator()(double number) const { return is_whole ? "the number " + number_text(number) : "a number"; }
    std::string operator()(const std::string& text) const {
      if (text.empty()) return "an empty text";
      return is_whole ? "the text " + quote(text) : "a text";
    }
    std::string operator()(const Sequence&) const { return "a list"; }
    std::string operator()(const Mapping&) const { return "a mapping"; }
  };
  return std::visit(Visitor{telling == Telling::whole}, value.data);
}

void check_keys(const Mapping& mapping, const std::string& path, Faults& faults, const std::vector<std::string>& known,
                Telling telling) {
  for (const auto& entry : mapping) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    auto message = "unknown key" + (telling == Telling::whole ? " " + quote(entry.key) : "");
    if (const auto near = nearest(entry.key, known); !near.empty()) {
      message += ", did you mean `" + near + "`?";
    } else {
      message += known.empty() ? "; no keys are known here" : "; known here are ";
      for (std::size_t i = 0; i < known.size(); ++i) message += (i == 0 ? "`" : ", `") + known[i] + "`";
    }
    faults.push_back({entry.mark, path, std::move(message)});
  }
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  constexpr std::size_t longest_word = 64;  // bounds the work on hostile input; no known word is that long
  if (word.empty() || word.size() > longest_word) return {};
  const auto wanted = folded(word);
  std::string best;
  // A third of the letters may differ: `usr` is near `use`, `deny` is not near `queue`.
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(wanted, folded(candidate));
    // A one-letter word is near to every other one.
    if (distance < least && distance < candidate.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace penstock::core::declared
