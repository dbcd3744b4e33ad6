// Gates as stages and watches use them, wherever a policy has some. Internal to loading.
#pragma once

#include <functional>

#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {

using GatesByName = std::map<std::string, const Parsed<GateText>*>;

void check_stages(const std::vector<StageText>& stages, const std::string& file, const GatesByName& gates,
                  const Options& options, Lints& lints);
void check_watch(const WatchText& watch, const std::string& file, const GatesByName& gates, const Options& options,
                 Lints& lints);

// Only when nothing was wrong.
std::vector<core::Stage> make_stages(const std::vector<StageText>& stages, const GatesByName& gates);
// Its gates are named "watch/<name>", so that they differ from those of the stages.
core::WatchSpec make_watch(const WatchText& watch, const GatesByName& gates);

// Every use of a gate: of the stages, the watch and the way back.
void for_each_use(const PolicyText& policy, const std::function<void(const GateUse&)>& visit);

}  // namespace penstock::definitions
