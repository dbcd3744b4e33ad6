#include "plugins/gates/data_contract/worker/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <sstream>

#include "plugins/gates/data_contract/worker/csv_reader.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

using core::declared::Entry;
using core::declared::Mapping;
using core::declared::Mark;
using core::declared::Sequence;
using core::declared::Value;

constexpr std::size_t max_values = 200'000;
// Few aliases of one long text are few values and many bytes.
constexpr std::size_t max_text_bytes = 8 << 20;

// The only way out of yaml-cpp's event loop; caught in read_yaml().
struct Refusal {
  YAML::Mark mark;
  std::string why;
};

Mark marked(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

template <class Number>
bool reads(std::string_view text, Number& number, int base) {
  const auto* end = text.data() + text.size();
  if constexpr (std::is_floating_point_v<Number>) {
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
  } else {
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc() && stop == end;
  }
}

bool only(std::string_view text, const char* allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    if (text == word) return true;
  return false;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const auto start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - start;
  };
  auto seen = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    seen += digits();
  }
  if (seen == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

void resolve(const std::string& text, Value& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) {
    value.data = std::monostate{};
  } else if (is_one_of(text, {"true", "True", "TRUE"})) {
    value.data = true;
  } else if (is_one_of(text, {"false", "False", "FALSE"})) {
    value.data = false;
  } else if (is_one_of(text, {".nan", ".NaN", ".NAN"})) {
    value.data = std::numeric_limits<double>::quiet_NaN();
  } else {
    const bool negative = text[0] == '-';
    const auto body = std::string_view(text).substr(negative || text[0] == '+' ? 1 : 0);
    std::int64_t whole = 0;
    double number = 0;
    if (is_one_of(body, {".inf", ".Inf", ".INF"})) {
      value.data = negative ? -infinity : infinity;
    } else if (text.rfind("0o", 0) == 0 && only(body.substr(2), "01234567") && reads(body.substr(2), whole, 8)) {
      value.data = whole;
    } else if (text.rfind("0x", 0) == 0 && only(body.substr(2), "0123456789abcdefABCDEF") &&
               reads(body.substr(2), whole, 16)) {
      value.data = whole;
    } else if (only(body, "0123456789") && reads(negative ? std::string_view(text) : body, whole, 10)) {
      value.data = whole;
    } else if (is_decimal(body)) {
      if (!reads(body, number, 10)) number = infinity;  // beyond a double: no bound can be made of it
      value.data = negative ? -number : number;
    } else {
      value.data = text;
    }
  }
}

std::size_t text_in(const Value& value) {
  std::size_t bytes = 0;
  if (const auto* text = std::get_if<std::string>(&value.data)) bytes += text->size();
  if (const auto* sequence = std::get_if<Sequence>(&value.data))
    for (const auto& item : *sequence) bytes += text_in(item);
  if (const auto* mapping = std::get_if<Mapping>(&value.data))
    for (const auto& entry : *mapping) bytes += entry.key.size() + text_in(entry.value);
  return bytes;
}

std::size_t count_of(const Value& value) {
  std::size_t count = 1;
  if (const auto* sequence = std::get_if<Sequence>(&value.data))
    for (const auto& item : *sequence) count += count_of(item);
  if (const auto* mapping = std::get_if<Mapping>(&value.data))
    for (const auto& entry : *mapping) count += count_of(entry.value);
  return count;
}

std::size_t depth_of(const Value& value) {
  std::size_t depth = 0;
  if (const auto* sequence = std::get_if<Sequence>(&value.data))
    for (const auto& item : *sequence) depth = std::max(depth, depth_of(item));
  if (const auto* mapping = std::get_if<Mapping>(&value.data))
    for (const auto& entry : *mapping) depth = std::max(depth, depth_of(entry.value));
  return depth + 1;
}

class Document : public YAML::EventHandler {
 public:
  // `guard_line`, from 0: where the text has ended. An empty document there is none.
  explicit Document(int guard_line) : guard_line_(guard_line) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1 && mark.line < guard_line_) throw Refusal{mark, "more than one YAML document"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!open_.empty() || mark.line < guard_line_) add({{}, marked(mark)}, mark, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Value value{text, marked(mark)};
    // yaml-cpp tags a plain scalar "?" and a quoted one "!".
    if (tag == "?" || tag.empty())
      resolve(text, value);
    else if (tag != "!" && tag != "tag:yaml.org,2002:str")
      throw Refusal{mark, "the tag `" + tag.substr(0, 60) + "` is not known here"};
    add(std::move(value), mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refusal{mark, "an alias stands inside what it names"};
    if (open_.size() + found->second.depth > static_cast<std::size_t>(core::declared::max_depth))
      throw Refusal{mark, "nested too deep through aliases"};
    values_ += found->second.count;
    text_bytes_ += found->second.text_bytes;
    add(found->second.value, mark, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    enter({Sequence{}, marked(mark)}, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    enter({Mapping{}, marked(mark)}, mark, anchor);
  }
  void OnSequenceEnd() override { leave(); }
  void OnMapEnd() override { leave(); }

  Value root;
  bool is_empty() const { return values_ == 0; }

 private:
  struct Open {
    Value value;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    bool has_key = false;
  };
  struct Anchored {
    Value value;
    std::size_t count;
    std::size_t depth;
    std::size_t text_bytes;
  };

  void enter(Value value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= static_cast<std::size_t>(core::declared::max_depth))
      throw Refusal{mark, "nested more than " + std::to_string(core::declared::max_depth) + " levels deep"};
    open_.push_back({std::move(value), mark, anchor});
  }

  void leave() {
    auto done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.value), done.mark, done.anchor);
  }

  void add(Value value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (++values_ > max_values) throw Refusal{mark, "more than " + std::to_string(max_values) + " values"};
    if (text_bytes_ > max_text_bytes) throw Refusal{mark, "the texts behind aliases are too long"};
    if (anchor != 0) {
      const auto count = count_of(value);
      values_ += count;  // the copy kept for aliases costs as much as the value
      text_bytes_ += text_in(value);
      anchors_[anchor] = Anchored{value, count, depth_of(value), text_in(value)};
    }
    if (open_.empty()) {
      root = std::move(value);
      return;
    }
    auto& top = open_.back();
    if (auto* sequence = std::get_if<Sequence>(&top.value.data)) {
      sequence->push_back(std::move(value));
      return;
    }
    auto& mapping = std::get<Mapping>(top.value.data);
    if (top.has_key) {
      mapping.back().value = std::move(value);
      top.has_key = false;
      return;
    }
    const auto* key = std::get_if<std::string>(&value.data);
    if (key == nullptr) throw Refusal{mark, "a key must be text, found " + core::declared::kind_of(value)};
    if (*key == "<<") throw Refusal{mark, "merge keys (`<<`) are not part of YAML 1.2; write the keys out"};
    if (core::declared::find_entry(mapping, *key) != nullptr)
      throw Refusal{mark, "the key `" + key->substr(0, 60) + "` is there twice"};
    mapping.push_back({*key, value.mark, {}});
    top.has_key = true;
  }

  int guard_line_;
  int documents_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;  // of anchors and aliases
};

core::Problem invalid(const YAML::Mark& mark, const std::string& why) {
  const auto where = mark.is_null()
                         ? std::string()
                         : "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
  return {"invalid-document", why, where, "correct the contract"};
}

}  // namespace

core::Result<Value> read_yaml(const std::string& text) {
  if (!is_clean_text(text)) return invalid(YAML::Mark::null_mark(), "not UTF-8 text, or holds a NUL byte");
  // The parser takes the end of the text for the end of an open quotation; the end of a document it does not.
  const auto guarded = text + (text.ends_with('\n') ? "" : "\n") + "...\n";
  Document document(static_cast<int>(std::count(guarded.begin(), guarded.end(), '\n')) - 1);
  try {
    std::istringstream stream(guarded);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(document)) {
    }
  } catch (const Refusal& refusal) {
    return invalid(refusal.mark, refusal.why);
  } catch (const YAML::Exception& error) {
    return invalid(error.mark, error.msg == YAML::ErrorMsg::DOC_IN_SCALAR ? "a quotation is not closed" : error.msg);
  }
  if (document.is_empty()) return invalid(YAML::Mark::null_mark(), "the document is empty");
  return std::move(document.root);
}

}  // namespace penstock::gates::data_contract::worker
