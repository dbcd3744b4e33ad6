// A small log on the disk, as tests make it.
#pragma once

#include <fstream>
#include <sstream>

#include "daemon/audit/log_writer.hpp"
#include "tests/catch.hpp"
#include "tests/journal/conformance.hpp"

namespace penstock::audit::testing {

namespace fs = std::filesystem;
using journal::testing::TemporaryFolder;

inline const Signer& signer() {
  static const auto made = Signer::generate("example.com/audit").value();
  return made;
}

// As Penstock writes them: one daemon, a second apart.
inline std::string entry(std::uint64_t number) {
  return R"({"at":")" + core::to_text(core::Time(core::Duration(1'700'000'000'000 + 1000 * number))) +
         R"(","daemon":"d","up":)" + std::to_string(1000 * number) + R"(,"v":1,"what":"entry )" +
         std::to_string(number) + R"("})";
}

inline std::vector<std::string> entries(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> made;
  for (auto number = from; number < to; ++number) made.push_back(entry(number));
  return made;
}

inline std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return (std::ostringstream() << file.rdbuf()).str();
}

inline void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Every file below the folder.
inline std::map<std::string, std::string> files(const fs::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& one : fs::recursive_directory_iterator(folder))
    if (one.is_regular_file()) found[one.path().lexically_relative(folder).generic_string()] = content(one.path());
  return found;
}

// A log that grew in several steps.
inline void make_log(const fs::path& folder, const std::vector<std::uint64_t>& sizes) {
  auto writer = LogWriter::open(folder, signer()).value();
  std::uint64_t from = 0;
  for (const auto size : sizes) {
    REQUIRE(writer.append(entries(from, size), true).has_value());
    from = size;
  }
}

}  // namespace penstock::audit::testing
