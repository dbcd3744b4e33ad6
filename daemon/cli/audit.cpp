#include "daemon/cli/audit.hpp"

#include <iostream>

#include "daemon/audit/folder.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/verify.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

core::Result<std::string> read_text(const std::string& file) {
  auto text = audit::read_file(file, audit::longest_note);
  if (!text) return core::Problem{"usage", text.error().message, file, "name a file that can be read", false};
  if (!*text) return core::Problem{"usage", "there is no such file", file, "check the path", false};
  return std::move(**text);
}

// Names and texts may be anybody's: nothing of them reaches the terminal but characters.
std::string audit_report_text(const audit::Report& report, const std::string& folder, bool has_compared) {
  using runtime::printable;
  std::string text;
  for (const auto& note : report.notes) text += "note: " + printable(note) + "\n";
  for (const auto& fault : report.faults) text += printable(fault.where) + ": " + printable(fault.what) + "\n";
  const auto size = std::to_string(report.checkpoint.size);
  if (!report.good()) return text + "NOT GOOD: " + printable(folder) + " is not the log that was signed\n";
  text += "good: " + size + " entries of " + report.checkpoint.origin + ", as they were signed";
  if (!report.first_at.empty()) text += ", from " + report.first_at + " to " + report.last_at;
  text += "; " + std::to_string(report.checkpoints) + " checkpoints agree\n";
  for (const auto& one : report.witnessed)
    text += "the first " + std::to_string(one.size) + " entries are cosigned by " + one.witness.name + " at " +
            core::to_text(one.at) + "\n";
  if (!has_compared)
    text +=
        "nothing from elsewhere was compared: whoever can write here can put the log back to an earlier end of it, "
        "and drop what speaks of more. --checkpoint and --witness find that out\n";
  return text;
}

json json_of(const audit::Report& report, bool has_compared) {
  auto faults = json::array();
  for (const auto& fault : report.faults) faults.push_back({{"where", fault.where}, {"what", fault.what}});
  json document{{"good", report.good()},     {"origin", report.checkpoint.origin},     {"size", report.checkpoint.size},
                {"entries", report.entries}, {"checkpoints", report.checkpoints},      {"faults", std::move(faults)},
                {"notes", report.notes},     {"compared_with_elsewhere", has_compared}};
  if (!report.first_at.empty()) document["first_at"] = report.first_at;
  if (!report.last_at.empty()) document["last_at"] = report.last_at;
  for (const auto& one : report.witnessed)
    document["witnessed"].push_back({{"by", one.witness.name}, {"size", one.size}, {"at", core::to_text(one.at)}});
  return document;
}

}  // namespace

Exit audit_verify(const std::string& folder, const std::string& key, const std::vector<std::string>& others,
                  const std::vector<std::string>& witnesses, Output output) {
  const auto text = read_text(key);
  if (!text) return fail(text.error());
  const auto verifier = audit::Verifier::parse(*text);
  if (!verifier) return fail(core::Problem{"usage", verifier.error().message, key, verifier.error().hint, false});
  std::vector<std::string> notes;
  for (const auto& file : others) {
    auto note = read_text(file);
    if (!note) return fail(note.error());
    notes.push_back(std::move(*note));
  }
  std::vector<audit::Verifier> keys;
  for (const auto& one : witnesses) {
    auto witness = audit::Verifier::parse_witness(one);
    if (!witness)
      return fail(core::Problem{"usage", witness.error().message, "--witness", witness.error().hint, false});
    keys.push_back(std::move(*witness));
  }
  if (const auto log = audit::find_log(folder); !log)
    return fail(core::Problem{"usage", log.error().message, log.error().where, log.error().hint, false});
  const auto report = audit::verify(folder, *verifier, notes, keys);
  const bool has_compared = !notes.empty() || !keys.empty();
  if (output.json)
    std::cout << json_of(report, has_compared).dump(2, ' ', true, json::error_handler_t::replace) << "\n";
  else
    (report.good() ? std::cout : std::cerr) << audit_report_text(report, folder, has_compared);
  return report.good() ? Exit::done : Exit::usage;
}

void AuditCommands::declare() {
  auto* group = app_.add_subcommand("audit", "Works on the audit log's files");
  group->require_subcommand(1);
  auto* keygen = add_(*group, "keygen", "Makes the key that signs an audit log, and the one that verifies it",
                      [this] { return audit_keygen(name_, key_, output_); });
  keygen->add_option("--name", name_, "The log's name, without a scheme: penstock.example.com/audit")->required();
  keygen->add_option("--key", key_, "The file for the private key; FILE.pub gets the public one")->required();
  auto* verify = add_(*group, "verify", "Tells whether a log is as it was signed, and where not; needs no daemon",
                      [this] { return audit_verify(folder_, key_, others_, witnesses_, output_); });
  verify->add_option("folder", folder_, "The folder with `checkpoint` and `tile`; a daemon may be at work in it")
      ->required();
  verify->add_option("--key", key_, "The file with the public key")->required();
  verify->add_option("--checkpoint", others_, "A checkpoint that was kept elsewhere: the log must go on from it");
  verify->add_option("--witness", witnesses_, "The key of a witness (name+id+key) that must have cosigned the log");
}

}  // namespace penstock::cli
