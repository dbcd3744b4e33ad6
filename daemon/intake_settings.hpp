// From the settings to what intake and the rest are made with.
#pragma once

#include "daemon/intake/hooks.hpp"
#include "daemon/intake/identity.hpp"
#include "daemon/intake/server.hpp"
#include "daemon/settings.hpp"

namespace penstock {

std::vector<intake::HookSettings> hook_settings(const Settings& settings);
std::vector<intake::Token> tokens(const Settings& settings);
intake::Limits http_limits(const Settings& settings);
// Who is in which group.
std::shared_ptr<const core::People> people_of(const Settings& settings);

}  // namespace penstock
