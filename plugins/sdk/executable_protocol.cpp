#include "plugins/sdk/executable_protocol.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/declared.hpp"
#include "daemon/core/json_text.hpp"

namespace penstock::sdk::protocol {
namespace {

using core::Problem;
using core::declared::Shape;
using nlohmann::json;

// More than the most details and evidence that an answer may have are made of.
constexpr std::size_t most_values = 100'000;

struct DetailDocument {
  std::string rule;
  core::Verdict verdict{};
  std::string observed, needed, where;
  static const Shape<DetailDocument>& shape() {
    using D = DetailDocument;
    static const auto shape = Shape<D>("Detail", "One rule that the gate looked at.")
                                  .required("rule", &D::rule, "A stable id.", {.min_length = 1, .max_length = 200})
                                  .required("verdict", &D::verdict, "What became of it.")
                                  .optional("observed", &D::observed, "What was seen.")
                                  .optional("needed", &D::needed, "What was needed.")
                                  .optional("where", &D::where, "File, row, address.");
    return shape;
  }
};

struct EvidenceDocument {
  std::string name;
  std::string media_type = "text/plain";
  std::string content;
  static const Shape<EvidenceDocument>& shape() {
    using D = EvidenceDocument;
    static const auto shape = Shape<D>("Evidence", "A document to keep.")
                                  .required("name", &D::name, "Its file name.", {.min_length = 1, .max_length = 200})
                                  .optional("media_type", &D::media_type, "Its media type.", {.max_length = 200})
                                  .required("content", &D::content, "Its text.");
    return shape;
  }
};

struct AnswerDocument {
  core::Verdict verdict{};
  std::string observed, needed, source, next;
  std::vector<DetailDocument> details;
  std::vector<EvidenceDocument> evidence;
  static const Shape<AnswerDocument>& shape() {
    using D = AnswerDocument;
    static const auto shape = Shape<D>("Answer", "What a gate program writes to stdout.")
                                  .required("verdict", &D::verdict, "passed, failed or inconclusive.")
                                  .required("observed", &D::observed, "What was seen.", {.min_length = 1})
                                  .required("needed", &D::needed, "What was needed.", {.min_length = 1})
                                  .optional("source", &D::source, "Where it was seen.")
                                  .optional("next", &D::next, "What to do next.")
                                  .optional("details", &D::details, "Rule by rule.", {.max_length = 10'000})
                                  .optional("evidence", &D::evidence, "Documents to keep.", {.max_length = 20});
    return shape;
  }
};

struct DescriptionDocument {
  std::string protocol, name, description;
  static const Shape<DescriptionDocument>& shape() {
    using D = DescriptionDocument;
    static const auto shape =
        Shape<D>("Description", "What a gate program says of itself.")
            .required("protocol", &D::protocol, "Which protocol it speaks.")
            .required("name", &D::name, "What it calls itself.", {.min_length = 1, .max_length = 200})
            .optional("description", &D::description, "What it looks at.", {.max_length = 2000});
    return shape;
  }
};

bool is_answer(core::Verdict verdict) {
  return verdict == core::Verdict::passed || verdict == core::Verdict::failed || verdict == core::Verdict::inconclusive;
}

// The last line of stderr, printable and short: it goes into a finding.
std::string last_words(const std::string& errors) {
  auto end = errors.find_last_not_of("\r\n ");
  if (end == std::string::npos) return "nothing on stderr";
  const auto start = errors.find_last_of('\n', end);
  auto line =
      errors.substr(start == std::string::npos ? 0 : start + 1, end - (start == std::string::npos ? 0 : start + 1) + 1);
  if (line.size() > 400) line.resize(400);
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  // A program may write any bytes, and the cut may part a character: what is not UTF-8 becomes U+FFFD.
  const auto text = json(line).dump(-1, ' ', false, json::error_handler_t::replace);
  return "stderr ends with: " + json::parse(text).get<std::string>();
}

core::Result<json> output_of(const ProcessResult& result, const std::string& program) {
  const std::string hint = "run the program by hand with the same input (penstock gate test), then retry";
  if (result.signal != 0)
    return Problem{
        "gate-crashed",
        "the program was ended by signal " + std::to_string(result.signal) + "; " + last_words(result.errors), program,
        hint, false};
  if (result.exit_code != 0)
    return Problem{"gate-crashed",
                   "the program ended with exit status " + std::to_string(result.exit_code) +
                       ", which means that it has no answer; " + last_words(result.errors),
                   program, hint, false};
  auto document = core::read_json(result.output, {.values = most_values});
  if (!document)
    return Problem{"gate-answer-invalid",
                   "the program ended with exit status 0 and wrote " + std::to_string(result.output.size()) +
                       " bytes that are not one JSON document: " + document.error().message,
                   program, hint, false};
  return document;
}

}  // namespace

std::string question(const GateRequest& request, const json& config, const std::string& artifact_path) {
  json document{{"protocol", name},
                {"promotion", request.promotion},
                {"gate", request.gate},
                {"attempt", request.attempt},
                {"deadline", core::to_text(request.deadline)},
                {"lane", {{"model", request.lane.model}, {"environment", request.lane.environment}}},
                {"candidate_id", request.candidate_id.text()},
                {"candidate", core::to_json(request.candidate)},
                {"live", nullptr},
                {"config", config},
                {"artifact_path", nullptr}};
  if (request.live)
    document["live"] = {{"promotion", request.live->promotion},
                        {"candidate_id", request.live->id.text()},
                        {"candidate", core::to_json(request.live->candidate)},
                        {"since", core::to_text(request.live->since)}};
  if (!artifact_path.empty()) document["artifact_path"] = artifact_path;
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

core::Result<GateAnswer> answer(const ProcessResult& result, const std::string& program) {
  const auto document = output_of(result, program);
  if (!document) return document.error();
  auto read = core::declared::from_json<AnswerDocument>(*document);
  const auto invalid = [&](const std::string& why) {
    return Problem{"gate-answer-invalid",
                   "the program's answer is not of the protocol " + std::string(name) + ": " + why, program,
                   "see plugins/sdk/PROTOCOL.md", false};
  };
  if (!read) return invalid(read.error().message);
  if (!is_answer(read->verdict))
    return invalid(
        "a program answers passed, failed or inconclusive; when it could not find out it ends with an exit status "
        "other than 0");
  GateAnswer answer;
  answer.finding.verdict = read->verdict;
  answer.finding.observed = std::move(read->observed);
  answer.finding.needed = std::move(read->needed);
  answer.finding.source = std::move(read->source);
  if (answer.finding.source.empty()) answer.finding.source = program;
  answer.finding.next = std::move(read->next);
  for (auto& detail : read->details) {
    if (!is_answer(detail.verdict)) return invalid("details[].verdict is passed, failed or inconclusive");
    answer.finding.details.push_back({std::move(detail.rule), detail.verdict, std::move(detail.observed),
                                      std::move(detail.needed), std::move(detail.where)});
  }
  for (auto& evidence : read->evidence)
    answer.evidence.push_back({std::move(evidence.name), std::move(evidence.media_type), std::move(evidence.content)});
  return answer;
}

core::Result<void> check_description(const ProcessResult& result, const std::string& program) {
  const auto document = output_of(result, program);
  if (!document) return document.error();
  const auto invalid = [&](const std::string& why) {
    return Problem{"gate-answer-invalid", "asked for --describe, the program " + why, program,
                   "see plugins/sdk/PROTOCOL.md", false};
  };
  // Before the rest: a program of another protocol describes itself in another way.
  if (!document->is_object() || !document->contains("protocol") || (*document)["protocol"] != name)
    return invalid("does not say \"protocol\": \"" + std::string(name) + "\"");
  const auto read = core::declared::from_json<DescriptionDocument>(*document);
  if (!read) return invalid("does not describe itself: " + read.error().message);
  return core::Result<void>();
}

}  // namespace penstock::sdk::protocol
