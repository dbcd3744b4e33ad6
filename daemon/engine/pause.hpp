// How long a performer waits before it tries again what did not get through.
#pragma once

#include "daemon/core/words.hpp"

namespace penstock::engine {

// The pause before try `tries + 1`: the step is 1 s after the first try and doubles up to 5 minutes. `random` is
// uniform in [0, 1): the pause lies between half and all of the step, so that what failed together is not repeated
// together.
core::Duration pause_after(int tries, double random);
// Uniform in [0, 1). Safe from any thread.
double random_fraction();

}  // namespace penstock::engine
