// The model card: the candidate as a component, and its data sets as components of their own.
#pragma once

#include "daemon/audit/bom_claims.hpp"

namespace penstock::audit::bom {

constexpr const char* model_ref = "model";

// Labels of the candidate that tell what the card has a place for; all labels stand in its properties as well.
//   approach                supervised, unsupervised, reinforcement-learning, semi-supervised or self-supervised
//   task, architecture_family, architecture
//   inputs, outputs         formats, separated by commas
//   users, use_cases, limitations, tradeoffs, ethical_considerations
//                           one a line, or separated by semicolons
json model_component(const BomFacts& facts);
// Of the candidate's data sets; their `bom-ref`s are `data-set/1` and so on, in the order of their names.
json data_components(const BomFacts& facts);

bool says_what_it_is_for(const json& candidate);

}  // namespace penstock::audit::bom
