// The gate kind `data-contract`: a data file holds what an Open Data Contract Standard 3.x contract demands of it
// (https://bitol-io.github.io/open-data-contract-standard/).
//
// Contract and data are read by penstock-data-worker, a process with limits, because either may be a stranger's.
//
//   failed        something that the contract demands is violated; or the candidate names no data, or data or a
//   contract
//                 that are not there
//   inconclusive  nothing is violated, and a part of the contract is not understood or not supported
//   errored       (a Problem) the worker crashed or ran into a limit, or the operator's contract is not there
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates::data_contract {

sdk::GateKind data_contract_kind();

}  // namespace penstock::gates::data_contract
