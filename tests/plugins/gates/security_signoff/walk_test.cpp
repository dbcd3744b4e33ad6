// A whole folder: everything is met, everything is looked at, in a fixed order.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "penstock-scan-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << bytes;
  }
  fs::path path;
};

}  // namespace

TEST_CASE("every file below the folder is met and looked at, sorted by path") {
  const Folder folder;
  folder.put("b/model.pkl", fixture("linear-4.pkl"));
  folder.put("MLmodel", "flavors: {sklearn: {}}\n");
  folder.put("b/.hidden", "text\n");
  const auto report = security::scan_folder(folder.path, {});
  REQUIRE(report);
  CHECK(report->level == Level::clean);
  CHECK(report->files_met == 3);
  CHECK(report->files_looked_at == 3);
  REQUIRE(report->files.size() == 3);
  CHECK(report->files[0].path == "MLmodel");
  CHECK(report->files[1].path == "b/.hidden");
  CHECK(report->files[2] ==
        security::FileRecord{"b/model.pkl", "pickle", fixture("linear-4.pkl").size(), Level::clean});
}

TEST_CASE("links and devices are unsafe and never followed") {
  const Folder folder;
  folder.put("a.txt", "a\n");
  fs::create_symlink("/etc/passwd", folder.path / "link");
  REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
  const auto report = security::scan_folder(folder.path, {});
  REQUIRE(report);
  CHECK(report->level == Level::unsafe);
  CHECK(report->files_met == 3);
  CHECK(report->files_looked_at == 1);
}

TEST_CASE("a file above the limit is unknown") {
  const Folder folder;
  folder.put("a.txt", "abc\n");
  security::ScanRules rules;
  rules.max_file_bytes = 3;
  const auto report = security::scan_folder(folder.path, rules);
  REQUIRE(report);
  CHECK(report->level == Level::unknown);
  CHECK(report->remarks.front().rule == "file/too-large");
}

TEST_CASE("a folder that is not there is a problem, not an empty scan") {
  CHECK(security::scan_folder("/nonexistent/penstock", {}).error().code == "unreadable");
}

TEST_CASE("hostile file names are shown escaped") {
  const Folder folder;
  folder.put("a\n\x1b[31mred\xff", "\x01\x02\x03");
  const auto report = security::scan_folder(folder.path, {});
  REQUIRE(report);
  CHECK(report->files.front().path == "a\\x0a\\x1b[31mred\\xff");
}
