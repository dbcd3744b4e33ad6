#include "plugins/sources/yaml_document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>

namespace penstock::sources {
namespace {

namespace declared = core::declared;

constexpr std::size_t max_yaml_bytes = 64 << 10;
constexpr std::size_t max_depth = 16;

// Thrown through the parser, which has no other way to be stopped; never leaves read_yaml().
struct Stop {
  declared::Mark mark;
  std::string message;
};

declared::Mark mark_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// YAML 1.2.2, 10.3.2: what a plain scalar means in the core schema.
void resolve_plain(const std::string& text, declared::Value& value) {
  if (text == "true" || text == "True" || text == "TRUE") {
    value.data = true;
    return;
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    value.data = false;
    return;
  }
  const bool is_signed = !text.empty() && (text[0] == '-' || text[0] == '+');
  const auto body = std::string_view(text).substr(is_signed ? 1 : 0);
  const bool negative = is_signed && text[0] == '-';
  if (all_digits(body)) {
    // Without the plus sign, which from_chars does not take.
    const std::string_view digits = negative ? std::string_view(text) : body;
    std::int64_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc()) {
      value.data = number;
      return;
    }
  }
  if (body == ".inf" || body == ".Inf" || body == ".INF") {
    value.data = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return;
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    value.data = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  // from_chars also takes "inf" and "nan", which are plain words in YAML: only digits and their signs may be there.
  if (!body.empty() && body.find_first_not_of("0123456789.eE+-") == std::string_view::npos &&
      body.find_first_of("0123456789") != std::string_view::npos) {
    double number = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), number);
    if (error == std::errc() && end == body.data() + body.size()) {
      value.data = negative ? -number : number;
      return;
    }
  }
  value.data = text;
}

class Builder : public YAML::EventHandler {
 public:
  // `guard_line`, from 0: where the text has ended. An empty document there is none.
  explicit Builder(int guard_line) : guard_line_(guard_line) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1 && mark.line < guard_line_) throw Stop{mark_of(mark), "holds more than one YAML document"};
  }
  void OnDocumentEnd() override {
    if (!levels_.empty()) throw Stop{{}, "the text ends inside a list or a mapping"};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (levels_.empty() && mark.line >= guard_line_) return;
    put({std::monostate{}, mark_of(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Stop{mark_of(mark), "aliases (`*name`) are not taken here; write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_anchor(mark, anchor);
    declared::Value value{text, mark_of(mark)};
    // The parser gives "?" for a plain scalar and "!" for a quoted one.
    if (tag == "?" || tag.empty()) {
      resolve_plain(text, value);
    } else if (tag != "!" && tag != "tag:yaml.org,2002:str") {
      throw Stop{mark_of(mark), "the tag `" + tag + "` is not taken here; leave it out"};
    }
    put(std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({declared::Sequence{}, mark_of(mark)}, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open({declared::Mapping{}, mark_of(mark)}, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  bool is_empty() const { return is_empty_; }
  declared::Value take() { return std::move(root_); }

 private:
  // A container that is being filled, and the key that waits for its value.
  struct Level {
    declared::Value value;
    std::optional<declared::Entry> key;
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Stop{mark_of(mark), "anchors (`&name`) are not taken here"};
  }

  void open(declared::Value container, const YAML::Mark& mark, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    if (levels_.size() == max_depth)
      throw Stop{mark_of(mark), "nested more than " + std::to_string(max_depth) + " levels deep"};
    levels_.push_back({std::move(container), std::nullopt});
  }

  void close() {
    auto done = std::move(levels_.back().value);
    levels_.pop_back();
    put(std::move(done));
  }

  void put(declared::Value value) {
    is_empty_ = false;
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& level = levels_.back();
    if (auto* sequence = std::get_if<declared::Sequence>(&level.value.data)) {
      sequence->push_back(std::move(value));
      return;
    }
    auto& mapping = std::get<declared::Mapping>(level.value.data);
    if (level.key) {
      level.key->value = std::move(value);
      mapping.push_back(std::move(*level.key));
      level.key.reset();
      return;
    }
    const auto* name = std::get_if<std::string>(&value.data);
    if (name == nullptr) throw Stop{value.mark, "a key must be text, found " + declared::kind_of(value)};
    if (declared::find_entry(mapping, *name) != nullptr)
      throw Stop{value.mark, "the key `" + *name + "` is there twice"};
    level.key = declared::Entry{*name, value.mark, {}};
  }

  int guard_line_;
  int documents_ = 0;
  bool is_empty_ = true;
  declared::Value root_;
  std::vector<Level> levels_;
};

core::Problem invalid(const std::string& where, const declared::Mark& mark, const std::string& message) {
  auto position = where;
  if (mark.line > 0) position += ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
  return {"invalid-document", message, position, "correct the file and commit or mark it again", false};
}

}  // namespace

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

core::Result<declared::Value> read_yaml(std::string_view text, const std::string& where) {
  if (text.size() > max_yaml_bytes)
    return invalid(where, {},
                   std::to_string(text.size()) + " bytes; at most " + std::to_string(max_yaml_bytes) + " are read");
  if (text.find('\0') != std::string_view::npos) return invalid(where, {}, "holds a NUL byte; this is not YAML text");
  if (!is_utf8(text)) return invalid(where, {}, "is not UTF-8 text");
  // The parser takes the end of the text for the end of an open quotation; the end of a document it does not.
  const auto guarded = std::string(text) + (text.ends_with('\n') ? "" : "\n") + "...\n";
  const auto guard_line = static_cast<int>(std::count(guarded.begin(), guarded.end(), '\n')) - 1;
  Builder builder(guard_line);
  try {
    std::istringstream stream{guarded};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stop) {
    return invalid(where, stop.mark, stop.message);
  } catch (const YAML::Exception& error) {
    return invalid(where, mark_of(error.mark),
                   error.msg == YAML::ErrorMsg::DOC_IN_SCALAR ? "a quotation is not closed" : error.msg);
  }
  if (builder.is_empty()) return invalid(where, {}, "the file is empty");
  return builder.take();
}

}  // namespace penstock::sources
