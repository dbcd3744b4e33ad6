// The table of everything that can be plugged in. Read by the composition of the daemon and of the command line only.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::plugins {

const sdk::Catalog& catalog();

}  // namespace penstock::plugins
