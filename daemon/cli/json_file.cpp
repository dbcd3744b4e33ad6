#include "daemon/cli/json_file.hpp"

#include <fstream>
#include <iostream>

#include "daemon/core/json_text.hpp"

namespace penstock::cli {
namespace {

constexpr std::size_t largest = 16 << 20;

// At most one byte more than may be there, to tell that there is more.
std::string read(std::istream& stream) {
  std::string text(largest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace

core::Result<nlohmann::json> read_json_file(const std::string& file) {
  const auto where = file == "-" ? "stdin" : file;
  std::string text;
  if (file == "-") {
    text = read(std::cin);
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return core::Problem{"usage", "the file cannot be read", where, "", false};
    text = read(stream);
    if (stream.bad()) return core::Problem{"usage", "the file cannot be read", where, "name a file, no folder", false};
  }
  if (text.size() > largest)
    return core::Problem{"usage", "the file has more than 16 MiB", where, "a candidate is a few lines", false};
  auto document = core::read_json(text);
  if (!document) return core::Problem{"usage", document.error().message, where, "", false};
  return document;
}

}  // namespace penstock::cli
