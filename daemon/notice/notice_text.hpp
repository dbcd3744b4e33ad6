// How much of a notice's text endpoints are told: chats cut long ones themselves, and do not say so.
#pragma once

#include <string>

#include "daemon/core/command.hpp"

namespace penstock::notice {

inline constexpr std::size_t longest_text = 2000;  // bytes, with what is said of the cut

// The text, or as much of it as fits, at the end of a character (UTF-8), and then that it was cut and where the whole
// is: in the log entry `notice.due` of the notice's key, and what it is about at a place in the API.
std::string text_told(const core::Notify& command);

}  // namespace penstock::notice
