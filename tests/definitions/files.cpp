#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;
namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

namespace {

class Folder {
 public:
  Folder() {
    auto pattern = (fs::temp_directory_path() / "definitions-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
  Texts names() const {
    Lints lints;
    Texts result;
    for (const auto& file : read_files(path, lints)) result.push_back(file.name);
    for (const auto& text : texts(lints)) result.push_back(text);
    return result;
  }
  fs::path path;
};

}  // namespace

TEST_CASE("files below gates/, policies/ and frameworks/ are read, others are somebody else's") {
  const Folder folder;
  for (const auto* name :
       {"gates/a.yaml", "gates/team/deep/b.yml", "policies/c.yaml", "contracts/d.yaml", "schemas/gate.json",
        "gates/README.md", "policies/.hidden.yaml", "gates/..data/e.yaml", "frameworks/f.yaml"})
    folder.write(name, "x");
  CHECK(folder.names() == Texts{"frameworks/f.yaml", "gates/a.yaml", "gates/team/deep/b.yml", "policies/c.yaml"});
}

TEST_CASE("a definition beside the folders is warned of") {
  const Folder folder;
  folder.write("policy.yaml", "x");
  CHECK(folder.names() ==
        Texts{"policy.yaml: warning: is not read: definitions stand below gates/, policies/ and frameworks/"});
}

TEST_CASE("a folder that is not there is an error") {
  const auto loaded = load(fs::path("/nonexistent/gate-definitions"), options_for_tests());
  CHECK_FALSE(loaded.usable());
  CHECK(to_text(loaded.lints.at(0)) ==
        "/nonexistent/gate-definitions: error: is no folder; it should hold gates/, policies/ and perhaps frameworks/");
}

TEST_CASE("a mounted ConfigMap, links to hidden folders, is read once") {
  const Folder folder;
  folder.write("gates/..2024/a.yaml", "x");
  fs::create_directory_symlink("..2024", folder.path / "gates/..data");
  fs::create_symlink("..data/a.yaml", folder.path / "gates/a.yaml");
  CHECK(folder.names() == Texts{"gates/a.yaml"});
}

TEST_CASE("a link that leads nowhere and a pipe are told, and keep nobody waiting") {
  const Folder folder;
  fs::create_directories(folder.path / "gates");
  fs::create_symlink("gone.yaml", folder.path / "gates/a.yaml");
  REQUIRE(mkfifo((folder.path / "gates/b.yaml").c_str(), 0600) == 0);
  auto names = folder.names();
  std::sort(names.begin(), names.end());
  CHECK(names == Texts{"gates/a.yaml: error: is no regular file, or a link that leads nowhere",
                       "gates/b.yaml: error: is no regular file, or a link that leads nowhere"});
}

TEST_CASE("a loop of folders is not walked for ever") {
  const Folder folder;
  folder.write("gates/a.yaml", "x");
  fs::create_directory_symlink(".", folder.path / "gates/loop");
  CHECK(folder.names() == Texts{"gates/a.yaml"});
}

TEST_CASE("a file beyond 1 MiB is told with the most that is read") {
  const Folder folder;
  folder.write("gates/a.yaml", std::string(3 << 20, 'a'));
  CHECK(to_text(load(folder.path, options_for_tests()).lints.at(0)) ==
        "gates/a.yaml: error: has more than 1048576 bytes, which is the most that is read");
}

TEST_CASE("the folder may be written with a slash at its end, or relative") {
  const Folder folder;
  folder.write("gates/a.yaml", "");
  Lints lints;
  CHECK(read_files(folder.path.string() + "/", lints).at(0).name == "gates/a.yaml");
  CHECK(read_files(fs::relative(folder.path), lints).at(0).name == "gates/a.yaml");
  CHECK(lints.empty());
}
