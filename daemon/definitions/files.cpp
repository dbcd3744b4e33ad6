#include <algorithm>
#include <fstream>
#include <system_error>

#include "daemon/definitions/definitions.hpp"
#include "daemon/definitions/yaml.hpp"

namespace penstock::definitions {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 2'000;  // of at most 1 MiB each

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }
bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

// Reads one byte more than may be there, so that read_yaml() sees that a file is too long.
bool read_text(const fs::path& path, std::string& text) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return false;
  text.resize(YamlLimits{}.bytes + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return !stream.bad();
}

class Walk {
 public:
  Walk(const fs::path& root, std::vector<File>& files, Lints& lints) : root_(root), files_(files), lints_(lints) {}

  void below(const std::string& folder) {
    std::error_code error;
    if (!fs::exists(root_ / folder, error)) return;
    for (auto entry = fs::recursive_directory_iterator(root_ / folder, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (is_hidden(entry->path())) {
        if (entry->is_directory(error)) entry.disable_recursion_pending();
        error.clear();
      } else if (is_yaml(entry->path())) {
        take(entry->path());
      }
      if (files_.size() > most_files) {
        tell(root_ / folder, "holds more than " + std::to_string(most_files) + " files");
        return;
      }
    }
    if (error) tell(root_ / folder, "cannot be read: " + error.message());
  }

 private:
  void take(const fs::path& path) {
    std::error_code error;
    // A FIFO or a device would keep the reader waiting.
    if (fs::is_directory(path, error)) return;
    if (!fs::is_regular_file(path, error)) return tell(path, "is no regular file, or a link that leads nowhere");
    File file{path.lexically_relative(root_).generic_string(), {}};
    if (!read_text(path, file.text)) return tell(path, "cannot be read; may the daemon's user read it?");
    files_.push_back(std::move(file));
  }
  void tell(const fs::path& path, std::string message) {
    lints_.push_back({Severity::error, path.lexically_relative(root_).generic_string(), {}, "", std::move(message)});
  }

  const fs::path& root_;
  std::vector<File>& files_;
  Lints& lints_;
};

void warn_of_strays(const fs::path& folder, Lints& lints) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error))
    if (is_yaml(entry->path()) && !is_hidden(entry->path()))
      lints.push_back({Severity::warning,
                       entry->path().filename().string(),
                       {},
                       "",
                       "is not read: definitions stand below gates/, policies/ and frameworks/"});
}

}  // namespace

std::vector<File> read_files(const fs::path& folder, Lints& lints) {
  std::vector<File> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    lints.push_back({Severity::error,
                     folder.string(),
                     {},
                     "",
                     "is no folder; it should hold gates/, policies/ and perhaps frameworks/"});
    return files;
  }
  Walk walk(folder, files, lints);
  walk.below("gates");
  walk.below("policies");
  walk.below("frameworks");
  warn_of_strays(folder, lints);
  std::sort(files.begin(), files.end(), [](const File& left, const File& right) { return left.name < right.name; });
  return files;
}

Loaded load(const fs::path& folder, const Options& options) {
  Lints unreadable;
  const auto files = read_files(folder, unreadable);
  auto loaded = load_files(files, options);
  loaded.lints.insert(loaded.lints.end(), unreadable.begin(), unreadable.end());
  sort(loaded.lints);
  return loaded;
}

}  // namespace penstock::definitions
