#include "plugins/gates/security_signoff/report.hpp"

#include <nlohmann/json.hpp>

namespace penstock::gates::security {

void Report::add(Remark remark) {
  level = std::max(level, remark.level);
  if (remarks.size() < max_remarks) {
    remarks.push_back(std::move(remark));
  } else {
    ++remarks_left_out;
  }
}

nlohmann::json to_json(const Report& report) {
  auto files = nlohmann::json::array();
  for (const auto& file : report.files)
    files.push_back(
        {{"path", file.path}, {"kind", file.kind}, {"size", file.size}, {"level", core::name_of(file.level)}});
  auto remarks = nlohmann::json::array();
  for (const auto& remark : report.remarks)
    remarks.push_back({{"level", core::name_of(remark.level)},
                       {"rule", remark.rule},
                       {"observed", remark.observed},
                       {"needed", remark.needed},
                       {"where", remark.where}});
  return {{"report", "penstock-scan/1"},
          {"allow_list", report.allow_list},
          {"level", core::name_of(report.level)},
          {"files_met", report.files_met},
          {"files_looked_at", report.files_looked_at},
          {"files", std::move(files)},
          {"remarks", std::move(remarks)},
          {"remarks_left_out", report.remarks_left_out}};
}

namespace {

Level level_from(const nlohmann::json& text) {
  const auto level = core::value_of<Level>(text.get<std::string>());
  if (!level) throw std::invalid_argument("unknown level");
  return *level;
}

Report read(const nlohmann::json& document) {
  if (document.at("report").get<std::string>() != "penstock-scan/1") throw std::invalid_argument("unknown form");
  Report report;
  report.allow_list = document.at("allow_list").get<std::string>();
  report.files_met = document.at("files_met").get<std::uint64_t>();
  report.files_looked_at = document.at("files_looked_at").get<std::uint64_t>();
  for (const auto& file : document.at("files"))
    report.files.push_back({file.at("path").get<std::string>(), file.at("kind").get<std::string>(),
                            file.at("size").get<std::uint64_t>(), level_from(file.at("level"))});
  for (const auto& remark : document.at("remarks"))
    report.add({level_from(remark.at("level")), remark.at("rule").get<std::string>(),
                remark.at("observed").get<std::string>(), remark.at("needed").get<std::string>(),
                remark.at("where").get<std::string>()});
  report.remarks_left_out += document.at("remarks_left_out").get<std::uint64_t>();
  // A summary that is milder than what it sums up would be a pass by mistake.
  if (level_from(document.at("level")) < report.level) throw std::invalid_argument("level is milder than its remarks");
  report.level = level_from(document.at("level"));
  for (const auto& file : report.files)
    if (file.level > report.level) throw std::invalid_argument("level is milder than its files");
  return report;
}

}  // namespace

core::Result<Report> report_from_json(const nlohmann::json& document) {
  try {
    return read(document);
  } catch (const std::exception& error) {
    return core::Problem{"scan-report-unreadable",
                         "the scan worker's report has not the agreed form: " + printable(error.what())};
  }
}

std::string printable(std::string_view text, std::size_t limit) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (result.size() >= limit) return result + "…";
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7f) {
      result += text[i];
    } else {
      result += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

}  // namespace penstock::gates::security
