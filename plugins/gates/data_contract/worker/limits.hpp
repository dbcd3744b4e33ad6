// What the operating system lets this process do at most.
#pragma once

#include <cstdint>

namespace penstock::gates::data_contract::worker {

// Address space, size of a written file, open files, no core dump. `memory_mb` is the engine's share: the rest of the
// process gets its own on top. False when a limit could not be set. (Address space is left alone under sanitizers,
// whose shadow memory is larger than any limit.)
bool limit_process(std::int64_t memory_mb, int threads);

}  // namespace penstock::gates::data_contract::worker
