#include "daemon/core/json_text.hpp"

#include <set>
#include <vector>

namespace penstock::core {
namespace {

using nlohmann::json;

// Looks through a text before it is built.
class Checker : public nlohmann::json_sax<json> {
 public:
  explicit Checker(const JsonLimits& limits) : limits_(limits) {}

  std::string fault;

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    if (names_.back().insert(name).second) return true;
    fault = "the name `" + name.substr(0, 100) + "` stands twice in one object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    fault = "it is not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  bool count() {
    if (++values_ <= limits_.values) return true;
    fault = "it has more than " + std::to_string(limits_.values) + " values";
    return false;
  }
  bool enter() {
    names_.emplace_back();
    if (names_.size() <= limits_.depth) return count();
    fault = "it is nested more than " + std::to_string(limits_.depth) + " deep";
    return false;
  }
  bool leave() {
    names_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  std::size_t values_ = 0;
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

Problem not_readable(std::string fault) { return {"invalid-json", std::move(fault), "", "", false}; }

}  // namespace

Result<json> read_json(std::string_view text, const JsonLimits& limits) {
  // The library takes a null byte for the end of the text, and what follows for nothing.
  if (const auto null = text.find('\0'); null != std::string_view::npos)
    return not_readable("it is not JSON at byte " + std::to_string(null + 1));
  Checker checker(limits);
  if (!json::sax_parse(text, &checker)) return not_readable(std::move(checker.fault));
  auto document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return not_readable("it is not JSON");
  return Result<json>(boost::system::in_place_value, std::move(document));
}

}  // namespace penstock::core
