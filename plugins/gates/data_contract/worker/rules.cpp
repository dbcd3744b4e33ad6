// The part of compile.hpp about `quality`.
#include <algorithm>

#include "plugins/gates/data_contract/worker/compile.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::size_t max_rules = 1'000;  // of one property or object

// What ODCS 3.0 calls a rule, and the metric of 3.1 that it is. Those without an operator of their own allow nothing.
struct LegacyRule {
  const char* rule;
  const char* metric;
  bool allows_nothing;
};
constexpr LegacyRule legacy_rules[] = {{"duplicateCount", "duplicateValues", false},
                                       {"uniqueCheck", "duplicateValues", true},
                                       {"nullCheck", "nullValues", true},
                                       {"validValues", "invalidValues", true},
                                       {"rowCount", "rowCount", false},
                                       {"countCheck", "rowCount", false}};
constexpr const char* metrics[] = {"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"};

class Rule {
 public:
  Rule(Compiling& compiling, const Mapping& rule, const Mark& mark, std::optional<std::size_t> index, std::string id)
      : compiling_(compiling), notes_(compiling.notes), rule_(rule), mark_(mark), index_(index), id_(std::move(id)) {}

  void compile() {
    const auto told = notes_.checks.size();
    judge_keys(rule_, words::rule(), id_, notes_);
    const bool in_error = std::any_of(notes_.checks.begin() + static_cast<std::ptrdiff_t>(told), notes_.checks.end(),
                                      [](const Check& check) { return check.state == State::error; });
    if (in_error) return;
    read_common();
    const bool has_metric = find(rule_, "metric") != nullptr || find(rule_, "rule") != nullptr;
    auto type = text_of(rule_, "type", id_, notes_);
    if (type.empty() && has_metric) type = "library";
    if (type == "library") return library();
    if (type == "sql" || type == "custom") {
      const auto engine = text_of(rule_, "engine", id_, notes_);
      return notes_.unsupported(
          id_, mark_,
          "a rule of type `" + type + "`" + (engine.empty() ? "" : " for " + engine.substr(0, 60)) + " is not checked");
    }
    if (!type.empty() && type != "text")
      return notes_.error(id_, mark_,
                          "`" + type.substr(0, 60) + "` is not a type of rule; text, library, sql and custom are");
    if (!operators().empty())
      return notes_.error(id_, mark_, "`" + operators().front() + "` without a `metric` measures nothing");
    notes_.listed(id_, mark_,
                  "a rule for people: " +
                      (find(rule_, "description") == nullptr ? "no description" : shown(*find(rule_, "description"))));
  }

 private:
  void read_common() {
    prototype_.id = id_;
    prototype_.severity = text_of(rule_, "severity", id_, notes_);
    prototype_.dimension = text_of(rule_, "dimension", id_, notes_);
    static const std::vector<std::string> mild{"info", "warning", "warn", "low", "minor", "trivial"};
    prototype_.advisory = std::find(mild.begin(), mild.end(), lower(prototype_.severity)) != mild.end();
  }

  std::vector<std::string> operators() const {
    std::vector<std::string> found;
    for (const auto& name : words::operators())
      if (find(rule_, name.c_str()) != nullptr) found.push_back(name);
    return found;
  }

  // The metric's name in 3.1, "" after an error.
  std::string metric(bool& allows_nothing) {
    const auto* modern = find(rule_, "metric");
    const auto* legacy = find(rule_, "rule");
    if (modern != nullptr && legacy != nullptr)
      return notes_.error(id_, mark_, "`metric` and `rule` exclude each other"), "";
    if (modern == nullptr && legacy == nullptr)
      return notes_.error(id_, mark_, "a rule of type `library` needs a `metric`"), "";
    const auto name = text_of(rule_, modern != nullptr ? "metric" : "rule", id_, notes_);
    if ((modern != nullptr) == compiling_.contract.legacy)
      notes_.departure(
          id_ + "/" + (modern != nullptr ? "metric" : "rule"), mark_,
          modern != nullptr ? "`metric` is of ODCS 3.1; 3.0 has `rule`" : "`rule` is of ODCS 3.0; 3.1 has `metric`");
    std::vector<std::string> known;
    if (legacy != nullptr)
      for (const auto& row : legacy_rules) {
        if (name == row.rule) return allows_nothing = row.allows_nothing, row.metric;
        known.emplace_back(row.rule);
      }
    for (const auto* word : metrics) {
      if (name == word) return name;
      known.emplace_back(word);
    }
    const auto meant = core::declared::nearest(name, known);
    notes_.error(id_, mark_,
                 "`" + name.substr(0, 60) + "` is not a metric of the standard" +
                     (meant.empty() ? "" : ", did you mean `" + meant + "`?"));
    return "";
  }

  std::optional<Threshold> threshold(const std::string& metric, bool allows_nothing) {
    Threshold result;
    const auto unit = text_of(rule_, "unit", id_, notes_);
    if (!unit.empty() && unit != "rows" && unit != "percent")
      return notes_.error(id_ + "/unit", mark_,
                          "`unit` is " + shown(*find(rule_, "unit")) + "; rows or percent is needed"),
             std::nullopt;
    result.percent = unit == "percent";
    if (result.percent && metric == "rowCount")
      return notes_.error(id_ + "/unit", mark_, "`rowCount` has no percentage"), std::nullopt;
    const auto found = operators();
    if (found.empty() && allows_nothing) {
      result.operation = "mustBe";
      return result;
    }
    if (found.size() != 1)
      return notes_.error(id_, mark_,
                          found.empty() ? "the rule needs an operator such as `mustBe`"
                                        : "`" + found[0] + "` and `" + found[1] + "` exclude each other"),
             std::nullopt;
    result.operation = found.front();
    const auto& value = *find(rule_, result.operation.c_str());
    if (!read_numbers(value, result))
      return notes_.error(id_, value.mark,
                          "`" + result.operation + "` needs " +
                              (is_between(result) ? "a list of two numbers, the smaller first" : "a number") +
                              ", found " + kind_of(value)),
             std::nullopt;
    return result;
  }

  static bool is_between(const Threshold& threshold) {
    return threshold.operation.find("Between") != std::string::npos;
  }

  bool read_numbers(const Value& value, Threshold& result) const {
    if (!is_between(result)) return number_of(value, result.low);
    result.exclusive = result.operation == "mustBeBetween" && compiling_.plan.exclusive_between;
    const auto* pair = std::get_if<Sequence>(&value.data);
    return pair != nullptr && pair->size() == 2 && number_of(pair->front(), result.low) &&
           number_of(pair->back(), result.high) && result.low <= result.high;
  }

  void library() {
    bool allows_nothing = false;
    const auto name = metric(allows_nothing);
    if (name.empty()) return;
    const auto limits = threshold(name, allows_nothing);
    if (!limits) return;
    prototype_.kind = name;
    prototype_.threshold = limits;
    prototype_.needed = name + " of " + (index_ ? compiling_.property(*index_).name : compiling_.contract.object) +
                        ": " + to_text(*limits);
    const Mapping* arguments = nullptr;
    if (const auto* value = find(rule_, "arguments")) {
      arguments = std::get_if<Mapping>(&value->data);
      if (arguments == nullptr)
        return notes_.error(id_ + "/arguments", value->mark, "`arguments` needs a mapping, found " + kind_of(*value));
    }
    if (!arguments_fit(name, arguments)) return;
    if (name == "rowCount") return row_count();
    if (name == "duplicateValues") return duplicates(arguments);
    if (!index_) return notes_.error(id_, mark_, "`" + name + "` is a metric of a property, not of an object");
    prototype_.columns = {*index_};
    prototype_.measure = Measure::rows;
    const auto violates = name == "nullValues"      ? std::optional(compiling_.column(*index_).raw + " IS NULL")
                          : name == "missingValues" ? missing_values(compiling_, *index_, arguments, id_, mark_)
                                                    : invalid_values(compiling_, *index_, rule_, arguments, id_, mark_);
    if (!violates) return;
    prototype_.violates = *violates;
    compiling_.add(prototype_);
  }

  // An argument of another metric would be a demand that nobody looks at.
  bool arguments_fit(const std::string& name, const Mapping* arguments) {
    static const std::map<std::string, std::vector<std::string>> known{{"missingValues", {"missingValues"}},
                                                                       {"invalidValues", {"validValues", "pattern"}},
                                                                       {"duplicateValues", {"properties"}}};
    const auto found = known.find(name);
    const auto allowed = found == known.end() ? std::vector<std::string>{} : found->second;
    bool fit = true;
    const auto judge = [&](const std::string& key, const Mark& mark) {
      if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) return;
      notes_.error(id_ + "/" + key.substr(0, 60), mark,
                   "`" + key.substr(0, 60) + "` is not an argument of `" + name + "`");
      fit = false;
    };
    if (arguments != nullptr)
      for (const auto& entry : *arguments) judge(entry.key, entry.mark);
    if (const auto* values = find(rule_, "validValues")) judge("validValues", values->mark);  // where 3.0 has it
    return fit;
  }

  void row_count() {
    if (index_) return notes_.error(id_, mark_, "`rowCount` is a metric of an object, not of a property");
    prototype_.measure = Measure::row_count;
    compiling_.add(prototype_);
  }

  void duplicates(const Mapping* arguments) {
    prototype_.measure = Measure::keys;
    if (index_) prototype_.columns = {*index_};
    const auto* names = arguments == nullptr ? nullptr : list_of(*arguments, "properties", id_, notes_);
    if ((names == nullptr) == !index_)
      return notes_.error(id_, mark_,
                          index_ ? "`properties` belongs to rules of an object"
                                 : "`duplicateValues` of an object needs the argument `properties`");
    if (names != nullptr)
      for (const auto& item : *names) {
        const auto* name = std::get_if<std::string>(&item.data);
        const auto& all = compiling_.contract.properties;
        const auto found = std::find_if(all.begin(), all.end(), [&](const Property& property) {
          return name != nullptr && property.name == *name;
        });
        if (found == all.end()) return notes_.error(id_, item.mark, "the object has no property " + shown(item));
        if (!found->readable) return notes_.error(id_, item.mark, "the type of " + shown(item) + " is not understood");
        prototype_.columns.push_back(static_cast<std::size_t>(found - all.begin()));
      }
    if (prototype_.columns.empty()) return notes_.error(id_, mark_, "`properties` is empty");
    compiling_.add(prototype_);
  }

  Compiling& compiling_;
  Notes& notes_;
  const Mapping& rule_;
  Mark mark_;
  std::optional<std::size_t> index_;
  std::string id_;
  Check prototype_;
};

// "wine/alcohol/quality/<id, name or number>"
std::string rule_id(const std::string& prefix, const Mapping& rule, std::size_t number) {
  for (const auto* key : {"id", "name"})
    if (const auto* value = find(rule, key))
      if (const auto* text = std::get_if<std::string>(&value->data)) return prefix + "/quality/" + text->substr(0, 100);
  return prefix + "/quality/" + std::to_string(number);
}

}  // namespace

void compile_rules(Compiling& compiling, const Sequence& rules, std::optional<std::size_t> index) {
  const auto prefix = index ? compiling.property(*index).id : compiling.contract.object;
  if (rules.size() > max_rules)
    return compiling.notes.error(prefix + "/quality", rules.front().mark,
                                 "more than " + std::to_string(max_rules) + " rules; none is checked");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& item = rules[i];
    if (const auto* mapping = std::get_if<Mapping>(&item.data))
      Rule(compiling, *mapping, item.mark, index, rule_id(prefix, *mapping, i + 1)).compile();
    else
      compiling.notes.error(prefix + "/quality", item.mark, "a rule needs a mapping, found " + kind_of(item));
  }
}

}  // namespace penstock::gates::data_contract::worker
