// The page of a dossier: the same facts for people, to be read in a browser or on paper. One file, without scripts and
// without anything from elsewhere; it links to the evidence beside it.
#pragma once

#include "daemon/audit/dossier.hpp"
#include "daemon/audit/html.hpp"

namespace penstock::audit {

// `files` is the list of dossier.json as far as it is known: the page itself is not in it. Problem "journal-damaged".
core::Result<std::string> page_of(const DossierFacts& facts, const nlohmann::json& findings,
                                  const std::vector<Evidence>& evidence, const nlohmann::json& files);

// The chapters. Internal to the page.
void write_candidate(Html& page, const DossierFacts& facts);
void write_findings(Html& page, const nlohmann::json& findings);
void write_decisions(Html& page, const nlohmann::json& promotion);
void write_conditions(Html& page, const nlohmann::json& explanation);
void write_events(Html& page, const Record& record);

}  // namespace penstock::audit
