// bench_receive PORT HUNG_PORT: takes webhooks on both ports of loopback; on PORT it answers each with 204 at once, on
// HUNG_PORT never. Ends when it is told to, or with whoever started it.
#include <sys/prctl.h>

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <csignal>
#include <iostream>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

asio::awaitable<void> take(tcp::socket socket, bool answers) {
  boost::beast::flat_buffer buffer;
  boost::system::error_code failed;
  auto caught = asio::redirect_error(asio::use_awaitable, failed);
  for (;;) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, caught);
    if (failed) co_return;  // the daemon has closed it
    if (!answers) continue;
    http::response<http::empty_body> taken(http::status::no_content, 11);
    taken.keep_alive(true);
    co_await http::async_write(socket, taken, caught);
    if (failed) co_return;
  }
}

asio::awaitable<void> listen(std::uint16_t port, bool answers) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor listener(executor, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  for (;;) {
    auto socket = co_await listener.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(executor, take(std::move(socket), answers), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench_receive PORT HUNG_PORT\n";
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  asio::io_context context(1);
  const auto ended = [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  };
  asio::co_spawn(context, listen(static_cast<std::uint16_t>(std::stoi(argv[1])), true), ended);
  asio::co_spawn(context, listen(static_cast<std::uint16_t>(std::stoi(argv[2])), false), ended);
  context.run();
}
