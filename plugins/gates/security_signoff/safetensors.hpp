// safetensors: a JSON header and the tensors' bytes, nothing that is executed. What is checked is that the header is
// honest. Source: the format's README, https://github.com/huggingface/safetensors#format
#pragma once

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

bool looks_like_safetensors(std::string_view bytes);
void scan_safetensors(Scan& scan, const Content& content, const std::string& where);

}  // namespace penstock::gates::security
