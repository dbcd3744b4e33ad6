#include "daemon/audit/cosignature.hpp"

#include "daemon/runtime/ed25519.hpp"

namespace penstock::audit {
namespace {

constexpr std::size_t time_size = 8;
constexpr std::uint64_t latest = 253'402'300'799;  // the end of the year 9999

}  // namespace

std::string cosigned_text(const std::string& text, std::uint64_t seconds) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + text;
}

core::Result<std::optional<Cosignature>> find_cosignature(const std::string& text,
                                                          const std::vector<Signature>& signatures,
                                                          const Verifier& witness) {
  std::optional<Cosignature> found;
  for (const auto& signature : signatures) {
    if (signature.name != witness.name || signature.id != witness.id()) continue;
    std::uint64_t seconds = 0;
    for (std::size_t i = 0; i < time_size && i < signature.bytes.size(); ++i)
      seconds = seconds << 8U | static_cast<unsigned char>(signature.bytes[i]);
    const bool fits = signature.bytes.size() > time_size && seconds > 0 && seconds <= latest &&
                      runtime::ed25519_verify(witness.key, cosigned_text(text, seconds),
                                              std::string_view(signature.bytes).substr(time_size));
    if (!fits)
      return core::Problem{"bad-note",
                           "the cosignature of " + witness.name + " does not fit: it is of another checkpoint, of " +
                               "another time, or by another key",
                           "", "", false};
    found = Cosignature{core::Time(std::chrono::seconds(seconds)), signature.line};
  }
  return found;
}

std::string witness_file(const Verifier& witness) {
  return std::string(witness_folder) + "/" + runtime::hex(witness.id());
}

}  // namespace penstock::audit
