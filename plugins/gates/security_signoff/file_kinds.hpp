// What a file is, by its bytes; its name only tells what it claims to be.
#pragma once

#include <string_view>

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {

enum class Kind { empty, executable, zip, npy, safetensors, parquet, pickle, text, other };
Kind kind_of(const Content& content);
// "ELF program", "Python bytecode"; empty when it is none.
std::string_view executable_kind(const Content& content);

// The name's ending in lower case, with its dot; empty without one.
std::string extension_of(std::string_view name);
// Source or start-up files that an interpreter or shell picks up by their name.
bool is_code_name(std::string_view name);
// The name announces a pickle, or a format that may hold one.
bool is_pickle_name(std::string_view name);
// The name announces another kind than this: a .json that is a pickle.
bool contradicts(std::string_view name, Kind kind);

}  // namespace penstock::gates::security
