// Where a connection goes when several hosts may have the database, and some of them are gone without a word.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "daemon/journal/postgres_connection.hpp"
#include "tests/catch.hpp"
#include "tests/journal/postgres_server.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

using std::chrono::steady_clock;

// A port of this machine at which nobody answers.
class SilentHost {
 public:
  enum class Connections {
    dropped,  // as by a machine that is gone: what asks for one is not even refused
    taken,    // as by a program that stands still
  };
  explicit SilentHost(Connections connections) {
    socklen_t size = sizeof address_;
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(listener_, as_any(), size) == 0);
    REQUIRE(listen(listener_, connections == Connections::taken ? 10 : 0) == 0);
    REQUIRE(getsockname(listener_, as_any(), &size) == 0);
    if (connections == Connections::taken) return;
    // One finds room; what comes after it is dropped.
    for (const auto filler : fillers_) static_cast<void>(connect(filler, as_any(), size));
    pollfd last{fillers_.back(), POLLOUT, 0};
    REQUIRE(::poll(&last, 1, 200) == 0);
  }
  ~SilentHost() {
    for (const auto filler : fillers_) close(filler);
    close(listener_);
  }
  SilentHost(const SilentHost&) = delete;
  SilentHost& operator=(const SilentHost&) = delete;
  std::string port() const { return std::to_string(ntohs(address_.sin_port)); }

 private:
  sockaddr* as_any() { return reinterpret_cast<sockaddr*>(&address_); }
  static int unblocked() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

  sockaddr_in address_{};
  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::array<int, 3> fillers_{unblocked(), unblocked(), unblocked()};
};

PostgresAddress address_of(const std::string& connection) {
  return PostgresAddress::parse(connection, "penstock").value();
}

// What the settings say in each place.
std::vector<std::string> told(const PostgresSettings& settings, const std::vector<std::string>& keys) {
  std::vector<std::string> lines;
  for (const auto& place : places_of(settings)) {
    std::string line;
    for (const auto& key : keys)
      for (const auto& [name, value] : place)
        if (name == key) line += key + "=" + value + " ";
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("the next host is tried when one is gone without a word, and when one takes a connection and says nothing") {
  auto& server = PostgresServer::shared();
  for (const auto connections : {SilentHost::Connections::dropped, SilentHost::Connections::taken}) {
    const SilentHost silent(connections);
    auto both = server.connection() + " port=" + silent.port() + ",5432";
    both.insert(both.find("host=") + std::string("host=").size(), "127.0.0.1,");
    const auto begun = steady_clock::now();
    const auto opened = PostgresConnection::open(address_of(both), {});
    const auto took = steady_clock::now() - begun;
    INFO((opened ? "" : to_text(opened.error())));
    REQUIRE(opened.has_value());
    CHECK((*opened)->run(statement("SELECT 1")).has_value());
    CHECK(took < std::chrono::seconds(6));
  }
}

TEST_CASE("when no host takes the connection, it is told what each of them said") {
  const SilentHost silent(SilentHost::Connections::dropped);
  const auto opened = PostgresConnection::open(
      address_of("host=127.0.0.1,/nowhere,127.0.0.1 port=" + silent.port() + ",5432,1 dbname=penstock user=ada"), {});
  REQUIRE(opened.has_error());
  CHECK(opened.error().transient);
  CHECK_THAT(opened.error().message, Catch::Contains("no connection to 127.0.0.1, port " + silent.port()) &&
                                         Catch::Contains("/nowhere") && Catch::Contains("port 1 failed"));
}

TEST_CASE("each host of a connection string is a place of its own, with its own port") {
  using Lines = std::vector<std::string>;
  CHECK(told({{"host", "/one,10.0.0.2"}, {"port", "1,2"}, {"user", "ada"}}, {"host", "hostaddr", "port", "user"}) ==
        Lines{"host=/one hostaddr= port=1 user=ada ", "host=10.0.0.2 hostaddr=10.0.0.2 port=2 user=ada "});
  CHECK(told({{"host", "a,b"}, {"hostaddr", "::1,10.0.0.2"}, {"port", "7"}}, {"host", "hostaddr", "port"}) ==
        Lines{"host=a hostaddr=::1 port=7 ", "host=b hostaddr=10.0.0.2 port=7 "});
  // libpq has something to say to the first two, and the hosts of the third.
  for (const PostgresSettings& whole :
       {PostgresSettings{{"host", "/a,/b"}, {"port", "1,2,3"}},
        PostgresSettings{{"host", "/a"}, {"hostaddr", "10.0.0.1,10.0.0.2"}}, PostgresSettings{{"service", "penstock"}}})
    CHECK(places_of(whole) == std::vector<PostgresSettings>{whole});
}
