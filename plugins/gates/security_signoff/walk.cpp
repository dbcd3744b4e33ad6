#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "plugins/gates/security_signoff/scan.hpp"

namespace penstock::gates::security {
namespace {

namespace fs = std::filesystem;

// A file's bytes, mapped: nothing is copied, and the pages are the kernel's to drop.
class Mapping {
 public:
  Mapping(const fs::path& file, bool& is_open, struct stat& info) {
    descriptor_ = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    is_open = descriptor_ >= 0 && fstat(descriptor_, &info) == 0;
    if (!is_open || !S_ISREG(info.st_mode) || info.st_size == 0) return;
    size_ = static_cast<std::size_t>(info.st_size);
    auto* address = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    is_open = address != MAP_FAILED;
    if (!is_open) return;
    address_ = static_cast<char*>(address);
    madvise(address, size_, MADV_SEQUENTIAL);
  }
  ~Mapping() {
    if (address_ != nullptr) munmap(address_, size_);
    if (descriptor_ >= 0) close(descriptor_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::string_view bytes() const {
    return address_ == nullptr ? std::string_view() : std::string_view(address_, size_);
  }

 private:
  int descriptor_ = -1;
  char* address_ = nullptr;
  std::size_t size_ = 0;
};

core::Problem unreadable(const std::string& path, int error) {
  return {"unreadable", std::string("cannot read a file of the artifact: ") + std::strerror(error), path,
          "look at the artifact store's permissions, and check again"};
}

// What is no regular file is remarked upon and counts as met, never as looked at.
core::Result<void> look_at_file(const fs::path& file, const std::string& name, Scan& scan, Report& report) {
  const auto where = printable(name, 1000);
  struct stat info {};
  bool is_open = false;
  ++report.files_met;
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(file, error))) {
    scan.remark(Level::unsafe, "tree/not-a-regular-file", where, "a link, device or socket", "regular files only");
    report.files.push_back({where, "special", 0, scan.take_worst()});
    return {};
  }
  const Mapping mapping(file, is_open, info);
  if (!is_open) return unreadable(where, errno);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::string kind = "unknown";
  if (size > scan.rules().max_file_bytes) {
    scan.remark(Level::unknown, "file/too-large", where, std::to_string(size) + " bytes",
                "at most " + std::to_string(scan.rules().max_file_bytes) + " bytes (`max_file_bytes`)");
  } else {
    try {
      kind = look_at(scan, whole(mapping.bytes()), name, where, 0);
    } catch (const std::bad_alloc&) {
      scan.remark(Level::unknown, "file/budget", where, "looking at it takes more memory than the scan may use",
                  "a file within the scanner's budget");
    }
    ++report.files_looked_at;
  }
  report.files.push_back({where, std::move(kind), size, scan.take_worst()});
  return {};
}

// A list that is too long keeps all that is not clean, and as many of the others as fit.
void shorten(std::vector<FileRecord>& files) {
  if (files.size() <= Report::max_listed_files) return;
  std::stable_partition(files.begin(), files.end(), [](const auto& file) { return file.level != Level::clean; });
  files.resize(Report::max_listed_files);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
}

}  // namespace

core::Result<Report> scan_folder(const fs::path& folder, const ScanRules& rules) {
  std::error_code error;
  std::vector<std::string> names;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const bool is_folder = entries->symlink_status(error).type() == fs::file_type::directory;
    if (!error && !is_folder) names.push_back(entries->path().lexically_relative(folder).string());
  }
  if (error) return unreadable(printable(folder.string(), 1000), error.value());
  std::sort(names.begin(), names.end());
  Report report;
  report.allow_list = AllowList::version();
  Scan scan(rules, report);
  for (const auto& name : names)
    if (const auto looked = look_at_file(folder / name, name, scan, report); !looked) return looked.error();
  shorten(report.files);
  return report;
}

}  // namespace penstock::gates::security
