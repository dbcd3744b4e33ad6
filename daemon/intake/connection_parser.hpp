// One request as Boost.Beast parses it. Inside intake only: the one header that shows Beast.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <string>

#include "daemon/intake/guard.hpp"

namespace penstock::intake {

namespace http = boost::beast::http;

// Fed with put(): first a whole head, then, after take_body(), the body as it arrives. Beast's own parser puts the
// fields of a chunked body's trailer among the header fields; this one drops them.
class RequestParser final : public http::basic_parser<true> {
 public:
  RequestParser();

  Head head;
  std::string body;

  // From here on the body is collected, at most `limit` bytes of it: error::body_limit beyond.
  void take_body(std::size_t limit);

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override { in_head_ = false; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override;
  std::size_t on_body_impl(string_view bytes, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override;
  void on_finish_impl(error_code&) override {}

  bool in_head_ = true;
  std::size_t limit_ = 0;
};

}  // namespace penstock::intake
