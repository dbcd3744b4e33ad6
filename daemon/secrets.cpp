#include "daemon/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace penstock {
namespace {

constexpr std::size_t largest_secret = 64 << 10;
constexpr std::size_t longest_variable = 64;  // that is shown
constexpr const char* not_repeated = "(not repeated here, for it may be the secret itself)";

// People write the secret itself where its name belongs. So a variable is named when it looks as they usually do
// (POSIX.1-2017, Base Definitions, 8.1), and a file when its path is a plain one.
std::string variable_that_is_not_set(const std::string& name) {
  const bool is_usual = name.size() <= longest_variable && (name[0] < '0' || name[0] > '9') &&
                        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  if (is_usual) return "the environment variable " + name + " is not set";
  return std::string("what stands at `env` ") + not_repeated +
         " is not the name of a variable that is set; write one such as `REGISTRY_TOKEN`";
}
std::string file_as_told(const std::string& written, const std::string& file) {
  const bool is_plain = std::all_of(written.begin(), written.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '.' || c == '-' || c == '_' || c == '~';
  });
  return is_plain ? "the secret file " + file : std::string("what stands at `file` ") + not_repeated;
}

// The file's text without its last line's end, or why not.
core::Result<std::string> read_file(const std::string& file) {
  const auto fails = [&](std::string why) { return core::Problem{"secret", std::move(why), file}; };
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return fails(std::string("cannot be read: ") + std::strerror(errno));
  struct stat about {};
  std::string text(largest_secret + 1, '\0');
  const bool known = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
  const auto count = known ? ::read(descriptor, text.data(), text.size()) : -1;
  ::close(descriptor);
  if (count < 0) return fails("is not a file that can be read");
  if ((about.st_mode & 077) != 0) return fails("can be read by others: chmod 600 it");
  if (static_cast<std::size_t>(count) > largest_secret) return fails("is larger than 64 KiB");
  text.resize(static_cast<std::size_t>(count));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) return fails("is empty");
  return text;
}

}  // namespace

std::string SecretReader::read(const core::declared::SecretRef& reference, core::declared::Mark mark,
                               const std::string& path, core::declared::Faults& faults) {
  if (reference.empty()) return {};
  std::string value;
  if (!reference.env.empty()) {
    const auto* found = std::getenv(reference.env.c_str());
    if (found == nullptr || *found == '\0') {
      faults.push_back({mark, path, variable_that_is_not_set(reference.env)});
      return {};
    }
    value = found;
  } else {
    const auto file = (std::filesystem::path(folder_) / reference.file).string();
    auto text = read_file(file);
    if (!text) {
      faults.push_back({mark, path, file_as_told(reference.file, file) + " " + text.error().message});
      return {};
    }
    value = std::move(*text);
  }
  values_.push_back(value);
  return value;
}

}  // namespace penstock
