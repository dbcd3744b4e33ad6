#include "daemon/runtime/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock::runtime {
namespace {

// The supervisor's end of the socket.
class Supervisor {
 public:
  explicit Supervisor(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
  }
  ~Supervisor() { ::close(descriptor_); }
  // The oldest message that was not read yet; "" when there is none.
  std::string told() {
    char text[200];
    const auto count = ::recv(descriptor_, text, sizeof text, MSG_DONTWAIT);
    return count < 0 ? "" : std::string(text, static_cast<std::size_t>(count));
  }

 private:
  int descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace

TEST_CASE("whoever supervises the daemon is told that it is ready, alive and stopping") {
  TestFolder folder;
  for (const auto& path : {(folder.path() / "notify").string(), "@penstock-test-" + std::to_string(::getpid())}) {
    Supervisor supervisor(path);
    const auto manager = ServiceManager::make({path, "", ""});
    REQUIRE(manager);
    CHECK(manager->ready());
    CHECK(supervisor.told() == "READY=1");
    CHECK(manager->alive());
    CHECK(supervisor.told() == "WATCHDOG=1");
    CHECK(manager->stopping());
    CHECK(supervisor.told() == "STOPPING=1");
    CHECK(supervisor.told().empty());
  }
}

TEST_CASE("without a supervisor nobody is told, and one that has gone is no trouble") {
  CHECK(!ServiceManager::make({})->ready());
  CHECK(!ServiceManager::make({"/nowhere/notify", "", ""})->ready());
}

TEST_CASE("the watchdog is told four times in the time that it gives, and only by the process that it watches") {
  const auto watchdog = [](const char* usec, const std::string& pid) {
    return ServiceManager::make({"/run/notify", usec, pid})->watchdog();
  };
  using std::chrono::milliseconds;
  CHECK(watchdog("30000000", "") == milliseconds(7500));
  CHECK(watchdog("30000000", std::to_string(::getpid())) == milliseconds(7500));
  CHECK(!watchdog("30000000", "1"));
  CHECK(!watchdog("", ""));
  CHECK(!watchdog("soon", ""));
  CHECK(!ServiceManager::make({"", "30000000", ""})->watchdog());
}

TEST_CASE("an address that is no socket is told") {
  for (const auto& address : {std::string("notify"), "/" + std::string(200, 'x')}) {
    const auto manager = ServiceManager::make({address, "", ""});
    REQUIRE(!manager);
    CHECK(manager.error().code == "invalid-environment");
  }
}

}  // namespace penstock::runtime
