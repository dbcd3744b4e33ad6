#include "daemon/audit/looked_at.hpp"

#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view looked_at_type = "application/vnd.penstock.looked-at+json";
constexpr const char* member = "looked_at";

}  // namespace

std::string seal_looked_at(const Signer& signer, std::uint64_t entries) {
  return seal(signer, looked_at_type, core::json_text({{member, entries}}));
}

core::Result<std::uint64_t> unseal_looked_at(std::string_view envelope, const Verifier& verifier) {
  const auto payload = unseal(envelope, looked_at_type, verifier);
  if (!payload) return payload.error();
  const auto document = core::read_json(*payload, {2, 10});
  const auto number = document && document->is_object() ? document->find(member) : nlohmann::json::const_iterator();
  if (!document || !document->is_object() || number == document->end() || !number->is_number_unsigned())
    return core::Problem{"bad-envelope", "it holds no number of entries", "", "", false};
  return number->get<std::uint64_t>();
}

}  // namespace penstock::audit
