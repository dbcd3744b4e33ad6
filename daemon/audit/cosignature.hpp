// What a witness says of a checkpoint: that it has seen it, and that it goes on from all it has seen before
// (https://c2sp.org/tlog-cosignature, Ed25519 `cosignature/v1`).
#pragma once

#include <optional>

#include "daemon/audit/note.hpp"
#include "daemon/core/words.hpp"

namespace penstock::audit {

struct Cosignature {
  core::Time at{};   // by the witness' clock, in whole seconds
  std::string line;  // as it stands below a checkpoint
};

// What the witness signs of a checkpoint's text.
std::string cosigned_text(const std::string& text, std::uint64_t seconds);

// The witness' cosignature of `text` among the signatures; nothing when there is none by this key. Problem "bad-note"
// when there is one that does not fit.
core::Result<std::optional<Cosignature>> find_cosignature(const std::string& text,
                                                          const std::vector<Signature>& signatures,
                                                          const Verifier& witness);

// Below the log's folder.
constexpr const char* witness_folder = "witness";
// The file, below the log's folder, with the newest checkpoint that the witness has cosigned: "witness/<id in hex>".
std::string witness_file(const Verifier& witness);

}  // namespace penstock::audit
