#include "daemon/intake/api_body.hpp"

#include <vector>

#include "daemon/core/declared_value.hpp"

namespace penstock::intake {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_text = 4000;

// Looks through a text before it is built: the parser itself neither bounds the depth nor sees a name twice.
class Checker : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::string fault;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (names_.back().insert(name).second) return true;
    fault = "the name `" + name.substr(0, 100) + "` stands twice in one object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    fault = "it is not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  bool enter() {
    names_.emplace_back();
    if (names_.size() <= deepest) return true;
    fault = "it is nested more than " + std::to_string(deepest) + " deep";
    return false;
  }
  bool leave() {
    names_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> names_;
};

}  // namespace

core::Problem invalid(std::string message, std::string hint) {
  return {"invalid-document", std::move(message), "", std::move(hint), false};
}

core::Result<nlohmann::json> read_json(std::string_view text) {
  Checker checker;
  if (!nlohmann::json::sax_parse(text, &checker))
    return core::Problem{"invalid-json", "the body cannot be read: " + checker.fault, "",
                         "send one JSON value in UTF-8", false};
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded())
    return core::Problem{"invalid-json", "the body cannot be read as JSON", "", "send one JSON value in UTF-8", false};
  return document;
}

core::Result<nlohmann::json> read_object(std::string_view text, const std::set<std::string>& known) {
  if (text.empty()) return nlohmann::json::object();
  auto document = read_json(text);
  if (!document) return document.error();
  if (!document->is_object()) return invalid("the body must be a JSON object");
  for (const auto& [key, value] : document->items()) {
    if (known.contains(key)) continue;
    const auto meant = core::declared::nearest(key, {known.begin(), known.end()});
    return invalid("unknown key `" + key + "`" + (meant.empty() ? "" : ", did you mean `" + meant + "`?"));
  }
  return document;
}

core::Result<std::string> text_member(const nlohmann::json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return invalid("`" + key + "` must be a text");
  if (found->get_ref<const std::string&>().size() > longest_text)
    return invalid("`" + key + "` is longer than " + std::to_string(longest_text) + " bytes");
  return found->get<std::string>();
}

}  // namespace penstock::intake
