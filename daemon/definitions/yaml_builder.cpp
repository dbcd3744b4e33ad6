#include "daemon/definitions/yaml_builder.hpp"

#include <yaml-cpp/mark.h>

#include <algorithm>

#include "daemon/definitions/yaml_scalar.hpp"

namespace penstock::definitions {
namespace {

using core::declared::Mapping;
using core::declared::Mark;
using core::declared::Sequence;
using core::declared::Value;

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

std::string shown_tag(const std::string& tag) {
  if (tag.starts_with(core_tag)) return "!!" + tag.substr(core_tag.size());
  return tag;
}

// Whether a scalar that was tagged !!name reads as one.
bool fits_tag(const Value& value, std::string_view name) {
  if (name == "null") return std::holds_alternative<std::monostate>(value.data);
  if (name == "bool") return std::holds_alternative<bool>(value.data);
  if (name == "int") return std::holds_alternative<std::int64_t>(value.data);
  return name == "float" && std::holds_alternative<double>(value.data);
}

}  // namespace

Mark YamlBuilder::mark_of(const YAML::Mark& mark) const { return positions_.at(mark.line, mark.column); }

void YamlBuilder::fault(Mark mark, std::string message) {
  faults_.push_back({mark, "", std::move(message)});
  if (faults_.size() >= limits_.faults) {
    faults_.push_back({mark, "", "so many problems that the rest of the file is not looked at"});
    throw StopReading{};
  }
}

void YamlBuilder::stop(Mark mark, std::string message) {
  faults_.push_back({mark, "", std::move(message)});
  throw StopReading{};
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  levels_.clear();
  anchored_.clear();  // anchors do not reach into the next document (YAML 1.2.2 §9.1)
  // The parser takes whatever follows a finished document for another one: a slip of the indentation would hide it.
  if (!documents_.empty() && mark.line < guard_line_ && !positions_.line(mark.line).starts_with("---"))
    stop(mark_of(mark),
         "the document has ended before this; is the indentation right? (another document begins with `---`)");
}

void YamlBuilder::OnDocumentEnd() {
  if (!levels_.empty()) stop({}, "the text ends inside a list or a mapping");
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  count(mark_of(mark), {1, 0, 0});
  put({std::monostate{}, mark_of(mark)}, anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto at = mark_of(mark);
  const auto found = anchored_.find(anchor);
  if (found == anchored_.end()) stop(at, "the alias stands inside the value that it names");
  // Counted before it is copied: nested aliases multiply (the billion-laughs attack).
  count(at, weigh(found->second));
  put(found->second, 0);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& text) {
  const auto at = mark_of(mark);
  count(at, {1, text.size(), 0});
  Value value{text, at};
  // The parser gives "?" for a plain scalar and "!" for a quoted one.
  const bool quoted = tag == "!" || tag == std::string(core_tag) + "str";
  const bool tagged = !quoted && tag != "?" && !tag.empty();
  if (!quoted) {
    auto plain = resolve_plain(text);
    if (!plain) {
      fault(at, core::to_text(plain.error()));
    } else if (!tagged) {
      value.data = std::move(plain->data);
    } else if (tag.starts_with(core_tag) && fits_tag(*plain, std::string_view(tag).substr(core_tag.size()))) {
      value.data = std::move(plain->data);
    } else {
      fault(at, "the tag `" + shown_tag(tag) + "` is not known, or does not fit " + core::declared::kind_of(value) +
                    "; leave it out");
    }
  }
  put(std::move(value), anchor);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  if (!tag.empty() && tag != "?" && tag != "!" && tag != std::string(core_tag) + "seq")
    fault(mark_of(mark), "the tag `" + shown_tag(tag) + "` does not fit a list; leave it out");
  open({Sequence{}, mark_of(mark)}, anchor);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  if (!tag.empty() && tag != "?" && tag != "!" && tag != std::string(core_tag) + "map")
    fault(mark_of(mark), "the tag `" + shown_tag(tag) + "` does not fit a mapping; leave it out");
  open({Mapping{}, mark_of(mark)}, anchor);
}

void YamlBuilder::open(Value container, YAML::anchor_t anchor) {
  count(container.mark, {1, 0, 1});
  Level level;
  level.value = std::move(container);
  level.anchor = anchor;
  levels_.push_back(std::move(level));
}

void YamlBuilder::close() {
  auto level = std::move(levels_.back());
  levels_.pop_back();
  put(std::move(level.value), level.anchor);
}

void YamlBuilder::count(Mark mark, const Weight& weight) {
  nodes_ += weight.nodes;
  text_bytes_ += weight.text_bytes;
  if (nodes_ > limits_.nodes)
    stop(mark, "holds more than " + std::to_string(limits_.nodes) +
                   " values (an anchor and an alias count as all that they stand for)");
  if (text_bytes_ > limits_.text_bytes)
    stop(mark, "holds more than " + std::to_string(limits_.text_bytes) +
                   " bytes of text (an anchor and an alias count as all that they stand for)");
  if (static_cast<int>(levels_.size()) + weight.depth > limits_.depth)
    stop(mark, "is nested more than " + std::to_string(limits_.depth) + " levels deep");
}

YamlBuilder::Weight YamlBuilder::weigh(const Value& value) {
  Weight weight{1, 0, 0};
  const auto add = [&weight](const Weight& inner) {
    weight.nodes += inner.nodes;
    weight.text_bytes += inner.text_bytes;
    weight.depth = std::max(weight.depth, inner.depth + 1);
  };
  if (const auto* text = std::get_if<std::string>(&value.data)) weight.text_bytes = text->size();
  if (const auto* sequence = std::get_if<Sequence>(&value.data)) {
    weight.depth = 1;
    for (const auto& item : *sequence) add(weigh(item));
  }
  if (const auto* mapping = std::get_if<Mapping>(&value.data)) {
    weight.depth = 1;
    for (const auto& entry : *mapping) {
      add(weigh(entry.value));
      weight.nodes += 1;
      weight.text_bytes += entry.key.size();
    }
  }
  return weight;
}

void YamlBuilder::put(Value value, YAML::anchor_t anchor) {
  if (anchor != 0) {
    // The kept copy counts too, or anchors inside anchors would keep one text sixty-four times.
    count(value.mark, weigh(value));
    anchored_[anchor] = value;
  }
  if (levels_.empty()) {
    if (value.mark.line > guard_line_) return;
    documents_.push_back(std::move(value));
    return;
  }
  auto& level = levels_.back();
  if (auto* sequence = std::get_if<Sequence>(&level.value.data)) {
    sequence->push_back(std::move(value));
  } else if (!level.key) {
    put_key(value);
  } else {
    level.key->value = std::move(value);
    if (!level.drop) std::get<Mapping>(level.value.data).push_back(std::move(*level.key));
    level.key.reset();
  }
}

void YamlBuilder::put_key(const Value& value) {
  auto& level = levels_.back();
  const auto* name = std::get_if<std::string>(&value.data);
  level.key = core::declared::Entry{name != nullptr ? *name : "", value.mark, {}};
  level.drop = true;
  if (name == nullptr)
    fault(value.mark, "a key must be a text, found " + core::declared::kind_of(value) + "; write it in quotes");
  else if (!level.keys.insert(*name).second)
    fault(value.mark, "the key " + core::declared::quote(*name) + " is written twice");
  else
    level.drop = false;
}

}  // namespace penstock::definitions
