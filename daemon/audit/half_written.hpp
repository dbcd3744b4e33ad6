// What a crash leaves at the end of the kept checkpoints, told apart from a checkpoint that was damaged.
#pragma once

#include <string_view>

#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/note.hpp"

namespace penstock::audit {

// Whether `rest`, what follows the last whole checkpoint, is shaped as the log of that name begins one, up to any byte
// of it, with zeros where the disk had not come to it. What can be said without the log's key and its tiles.
bool is_shaped_like_half_written(std::string_view rest, const std::string& name);

// Whether `rest`, what follows the last whole checkpoint, is how the log's signer would have begun to write one: up to
// any byte of it, with cosignatures behind the signature, and zeros where the disk had not come to it. Signatures are
// deterministic (RFC 8032), so the log of `reader` says what it would be. Problems of LogReader.
core::Result<bool> is_half_written(std::string_view rest, const Signer& signer, LogReader& reader);

}  // namespace penstock::audit
