#include "daemon/core/acknowledgement.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {

nlohmann::json to_json(const Acknowledgement& acknowledgement) {
  nlohmann::json document{{"number", acknowledgement.number},
                          {"facts", acknowledgement.facts},
                          {"asked_at", to_text(acknowledgement.asked_at)},
                          {"until", to_text(acknowledgement.until)}};
  if (!acknowledgement.given_at) return document;
  document["given_at"] = to_text(*acknowledgement.given_at);
  document["entries"] = acknowledgement.entries;
  return document;
}

Acknowledgement acknowledgement_from_json(const nlohmann::json& document) {
  const auto time_at = [&](const char* key) { return parse_time(document.at(key).get<std::string>()).value(); };
  Acknowledgement acknowledgement{document.at("number"), document.at("facts"),
                                  time_at("asked_at"),   time_at("until"),
                                  std::nullopt,          document.value("entries", std::int64_t{0})};
  if (document.contains("given_at")) acknowledgement.given_at = time_at("given_at");
  return acknowledgement;
}

}  // namespace penstock::core
