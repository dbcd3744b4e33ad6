#include "daemon/cli/dossier.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "daemon/audit/dossier_verify.hpp"
#include "daemon/audit/folder.hpp"
#include "daemon/runtime/descriptor.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// How long the newest entries are waited for to be published.
constexpr std::chrono::seconds patience(10);
constexpr useconds_t between_tries = 200'000;

core::Problem usage(const std::string& message, const std::string& where, const std::string& hint) {
  return {"usage", message, where, hint, false};
}

// Names that a dossier's files can have: whatever the daemon says, nothing is written elsewhere.
bool is_path(const std::string& path) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '/';
  };
  return !path.empty() && path.size() <= 200 && path.front() != '/' && path.front() != '.' &&
         std::all_of(path.begin(), path.end(), is_plain) && path.find("..") == std::string::npos &&
         path.find("//") == std::string::npos && path.back() != '/';
}

core::Result<void> make_empty(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder, failed)) &&
      (!fs::is_directory(folder, failed) || !fs::is_empty(folder, failed)))
    return usage("there is something already", folder.string(), "name a folder that is not there yet, or an empty one");
  fs::create_directories(folder, failed);
  if (failed) return usage("the folder cannot be made: " + failed.message(), folder.string(), "name another one");
  return {};
}

core::Result<void> write_new(const fs::path& file, const std::string& bytes) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  const runtime::Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (opened && runtime::write_all(opened.get(), bytes) && ::fsync(opened.get()) == 0) return {};
  return usage("the file cannot be written: " + std::generic_category().message(errno), file.string(),
               "see that there is room, and that you may write there");
}

core::Result<Answer> fetch(Client& client, const std::string& promotion) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto answer =
        client.get("/v1/promotions/" + escaped(promotion) + "/dossier", "application/json", std::chrono::seconds(120));
    const bool is_early = answer && answer->status == 503 && text_of(answer->document, "code") == "not-published";
    if (!is_early || std::chrono::steady_clock::now() >= deadline) return answer;
    ::usleep(between_tries);
  }
}

core::Problem not_a_dossier(const std::string& what) {
  return {"not-penstock", "the daemon's answer is no dossier: " + what, "",
          "are the daemon and this program of the same version?", false};
}

// What was written.
struct Written {
  std::size_t files = 0;
  std::size_t bytes = 0;
};

core::Result<void> write_files(const json& document, const fs::path& folder, Written& written) {
  const auto files = document.value("files", json::object());
  for (const auto& [path, text] : files.items()) {
    if (!is_path(path) || !text.is_string())
      return not_a_dossier("a file is named `" + runtime::printable(path.substr(0, 200)) + "`");
    const auto bytes = text.get<std::string>();
    if (auto done = write_new(folder / path, bytes); !done) return done;
    ++written.files;
    written.bytes += bytes.size();
  }
  if (!files.contains(audit::dossier_files::statement)) return not_a_dossier("it is not signed");
  return {};
}

core::Result<void> write_evidence(Client& client, const json& document, const fs::path& folder, Written& written) {
  for (const auto& one : document.value("evidence", json::array())) {
    const auto path = text_of(one, "path");
    const auto digest = core::Digest::parse(text_of(one, "digest"));
    if (!is_path(path) || !digest)
      return not_a_dossier("evidence is named `" + runtime::printable(path.substr(0, 200)) + "`");
    const auto answer =
        client.get("/v1/evidence/" + digest->text(), "application/octet-stream", std::chrono::seconds(120));
    if (!answer) return answer.error();
    if (answer->status != 200)
      return core::Problem{"no-evidence", "the daemon has no evidence " + digest->text() + ": " + refusal_text(*answer),
                           path, "restore the daemon's store from a backup", false};
    if (const auto found = runtime::sha256(answer->text); found != *digest)
      return core::Problem{"digest-mismatch",
                           "the evidence has the digest " + found.text() + ", needed " + digest->text(), path,
                           "restore the daemon's store from a backup", false};
    if (auto done = write_new(folder / path, answer->text); !done) return done;
    ++written.files;
    written.bytes += answer->text.size();
  }
  return {};
}

// What it tells of may have any name and say anything, and is not to act on the terminal.
std::string dossier_report_text(const audit::DossierReport& report, const std::string& folder) {
  std::string text;
  for (const auto& fault : report.faults) text += runtime::printable(fault.where + ": " + fault.what) + "\n";
  if (!report.good())
    return text + runtime::printable("NOT GOOD: " + folder + " is not the dossier that was signed") + "\n";
  const auto left_out =
      report.left_out == 0 ? std::string() : " (" + std::to_string(report.left_out) + " more were left out)";
  return runtime::printable("good: " + report.promotion + " " + report.result + " at " + report.decided_at + ", " +
                            report.phase + " when this was written at " + report.written + "; " +
                            std::to_string(report.files) + " files and " + std::to_string(report.entries) +
                            " entries of " + report.checkpoint.origin + left_out + ", as they were signed") +
         "\n";
}

json json_of(const audit::DossierReport& report) {
  auto faults = json::array();
  for (const auto& fault : report.faults) faults.push_back({{"where", fault.where}, {"what", fault.what}});
  json document{{"good", report.good()},
                {"promotion", report.promotion},
                {"files", report.files},
                {"entries", report.entries},
                {"log", report.checkpoint.origin},
                {"size", report.checkpoint.size},
                {"entries_left_out", report.left_out},
                {"faults", std::move(faults)}};
  if (!report.result.empty()) document["result"] = report.result;
  if (!report.decided_at.empty()) document["decided_at"] = report.decided_at;
  if (!report.phase.empty()) document["phase"] = report.phase;
  if (!report.written.empty()) document["written"] = report.written;
  return document;
}

}  // namespace

Exit write_dossier(Client& client, const std::string& promotion, const std::string& folder, Output output) {
  const auto answer = fetch(client, promotion);
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  Written written;
  auto done = make_empty(folder);
  if (done) done = write_files(answer->document, folder, written);
  if (done) done = write_evidence(client, answer->document, folder, written);
  if (!done) return fail(done.error());
  if (output.json)
    std::cout << json{{"promotion", promotion}, {"folder", folder}, {"files", written.files}, {"bytes", written.bytes}}
                     .dump(2)
              << "\n";
  else
    std::cout << folder << "  " << written.files << " files, " << written.bytes << " bytes; read "
              << (fs::path(folder) / audit::dossier_files::page).string() << "\n";
  return Exit::done;
}

Exit verify_dossier(const std::string& folder, const std::string& key, Output output) {
  const auto text = audit::read_file(key, 16384);
  if (!text || !*text)
    return fail(usage(text ? "there is no such file" : text.error().message, key, "name the log's public key"));
  const auto verifier = audit::Verifier::parse(**text);
  if (!verifier) return fail(usage(verifier.error().message, key, verifier.error().hint));
  const auto report = audit::verify_dossier(folder, *verifier);
  if (output.json)
    std::cout << json_of(report).dump(2, ' ', false, json::error_handler_t::replace) << "\n";
  else
    (report.good() ? std::cout : std::cerr) << dossier_report_text(report, folder);
  return report.good() ? Exit::done : Exit::usage;
}

Exit DossierCommands::chosen() {
  if (verify_->parsed()) return verify_dossier(folder_, key_, output_);
  if (promotion_.empty() || folder_.empty())
    return fail(
        usage("a promotion and --out are needed", "penstock dossier", "penstock dossier PROMOTION --out FOLDER"));
  auto client = Client::from_environment();
  if (!client) return fail(client.error());
  return write_dossier(*client, promotion_, folder_, output_);
}

void DossierCommands::declare() {
  // The parser calls a command's work after that of the command below it, so that it is chosen here.
  auto* dossier =
      add_(app_, "dossier", "Writes everything about a promotion into a folder that can be verified anywhere",
           [this] { return chosen(); });
  dossier->add_option("promotion", promotion_, "Its id");
  dossier->add_option("--out", folder_, "The folder: one that is not there yet, or empty");
  verify_ = add_(*dossier, "verify", "Tells whether a dossier is as it was signed, and where not; needs no daemon",
                 [this] { return chosen(); });
  verify_->add_option("folder", folder_, "The dossier's folder")->required();
  verify_->add_option("--key", key_, "The file with the audit log's public key, from elsewhere than the folder")
      ->required();
}

}  // namespace penstock::cli
