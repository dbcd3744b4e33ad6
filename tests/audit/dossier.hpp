// A whole dossier on the disk, as the daemon and `penstock dossier` make it.
#pragma once

#include "daemon/audit/dossier_verify.hpp"
#include "daemon/audit/dsse.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/core/json_writing.hpp"
#include "tests/audit/decided.hpp"

namespace penstock::audit::testing {

struct Written {
  Written() {
    facts.record = decided.record();
    facts.promotion = facts.record.promotion;
    facts.explanation = {{"paragraph", "fraud 7 is live <here>."}, {"tree", {{"title", "it is live"}, {"met", true}}}};
    facts.verifier = signer().verifier();
    facts.written = decided.at(60);
    attest();
    prove();
  }

  void attest() {
    const auto statement = attestation_of(facts.record, facts.verifier.name).value();
    facts.attestation = seal(signer(), in_toto_type, core::json_text(statement));
  }
  // The record's entries behind others, in a log of 300.
  void prove(const Signer& by = signer()) {
    TemporaryFolder log;
    auto leaves = entries(0, 300);
    for (std::size_t i = 0; i < facts.record.entries.size(); ++i)
      leaves[static_cast<std::size_t>(facts.record.entries[i].index)] = facts.record.entries[i].entry;
    auto writer = LogWriter::open(log / "log", by).value();
    REQUIRE(writer.append(leaves, true).has_value());
    facts.checkpoint = content(fs::path(log / "log") / checkpoint_file);
    LogReader reader(log / "log", 300);
    auto proofs = nlohmann::json::array();
    for (const auto& row : facts.record.entries) {
      auto hashes = nlohmann::json::array();
      for (const auto& hash : inclusion_proof(static_cast<std::uint64_t>(row.index), 300, reader.subtrees()).value())
        hashes.push_back(runtime::base64({reinterpret_cast<const char*>(hash.data()), hash.size()}));
      proofs.push_back({{"index", row.index}, {"entry", row.entry}, {"hashes", hashes}});
    }
    facts.proofs = {{"size", 300}, {"entries", proofs}};
  }

  // Made anew and signed; `change` does to the files what no honest daemon would, before they are signed.
  void put(const std::function<void(std::map<std::string, std::string>&)>& change = {}) {
    auto dossier = make_dossier(facts).value();
    if (change) {
      change(dossier.files);
      reindex(dossier);
    }
    dossier.files[dossier_files::statement] = seal(signer(), in_toto_type, core::json_text(dossier.statement));
    fs::remove_all(at);
    for (const auto& [path, bytes] : dossier.files) write(at / path, bytes);
    for (const auto& one : dossier.evidence)
      write(at / (dossier_files::evidence + one.digest.hex()), Decided::evidence_bytes);
  }
  DossierReport verified() const { return verify_dossier(at, signer().verifier()); }

  Decided decided;
  DossierFacts facts;
  TemporaryFolder folder;
  fs::path at = folder / "dossier";

 private:
  static void reindex(Dossier& dossier) {
    auto index = nlohmann::json::parse(dossier.files.at(dossier_files::index));
    auto listed = nlohmann::json::array();
    for (auto one : index["files"]) {
      const auto found = dossier.files.find(one["path"].get<std::string>());
      if (found != dossier.files.end()) {
        one["size"] = found->second.size();
        one["sha256"] = runtime::sha256(found->second).hex();
      } else if (!one["path"].get<std::string>().starts_with(dossier_files::evidence)) {
        continue;
      }
      listed.push_back(one);
    }
    index["files"] = listed;
    auto& text = dossier.files[dossier_files::index];
    text = readable(index);
    dossier.statement["subject"][0]["digest"]["sha256"] = runtime::sha256(text).hex();
  }
};

// Whether a fault is told of this place, with these words.
inline bool tells(const DossierReport& report, const std::string& where, const std::string& what = "") {
  return std::any_of(report.faults.begin(), report.faults.end(), [&](const Fault& fault) {
    return fault.where == where && fault.what.find(what) != std::string::npos;
  });
}

}  // namespace penstock::audit::testing
