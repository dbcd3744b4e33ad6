#include "daemon/intake/connection_parser.hpp"

#include <algorithm>
#include <limits>

namespace penstock::intake {

RequestParser::RequestParser() {
  // The scan and take_body() set the limits; Beast's would come earlier and with less to say.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(boost::none);
}

void RequestParser::take_body(std::size_t limit) {
  limit_ = limit;
  eager(true);
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) {
  head.method.assign(method.data(), method.size());
  head.target.assign(target.data(), target.size());
  head.version = version;
}

void RequestParser::on_field_impl(http::field, string_view name, string_view value, error_code&) {
  if (!in_head_) return;  // a trailer
  auto& field =
      head.headers.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  for (auto& letter : field.first)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  // What is announced is not what arrives: memory is not given away on a promise.
  constexpr std::size_t most = 256 * 1024;
  if (length) body.reserve(std::min({static_cast<std::size_t>(*length), limit_, most}));
}

std::size_t RequestParser::on_body_impl(string_view bytes, error_code& error) {
  if (bytes.size() > limit_ - std::min(limit_, body.size())) {
    error = http::error::body_limit;
    return 0;
  }
  body.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& error) {
  if (size > limit_ - std::min(limit_, body.size())) error = http::error::body_limit;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) {
  return on_body_impl(bytes, error);
}

}  // namespace penstock::intake
