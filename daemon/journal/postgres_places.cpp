#include "daemon/journal/postgres_places.hpp"

#include <libpq-fe.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <memory>

namespace penstock::journal {
namespace {

using List = std::vector<std::string>;

// As libpq finds it: what is given, or else the process environment.
std::string in_force(const PostgresSettings& settings, const std::string& key) {
  for (const auto& [name, value] : settings)
    if (name == key && !value.empty()) return value;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> defaults(PQconndefaults(), PQconninfoFree);
  for (const auto* option = defaults.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (option->keyword == key && option->val != nullptr) return option->val;
  return "";
}

// Nothing is a list of one empty element.
List elements(const std::string& list) {
  List found;
  for (std::size_t from = 0; from <= list.size();) {
    const auto end = std::min(list.find(',', from), list.size());
    found.push_back(list.substr(from, end - from));
    from = end + 1;
  }
  return found;
}

const std::string& element(const List& list, std::size_t at) { return list.size() == 1 ? list.front() : list[at]; }

// `address`: what the settings say themselves, if anything.
List addresses_of(const std::string& host, const std::string& address) {
  const bool is_socket = host.empty() || host.front() == '/' || host.front() == '@';
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (!address.empty() || is_socket || getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return {address};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> kept(found, freeaddrinfo);
  List addresses;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.emplace_back(text.data());
  }
  return addresses.empty() ? List{""} : addresses;
}

void set(PostgresSettings& settings, const std::string& key, const std::string& value) {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& one) { return one.first == key; });
  if (found == settings.end())
    settings.emplace_back(key, value);
  else
    found->second = value;
}

}  // namespace

std::vector<PostgresSettings> places_of(const PostgresSettings& settings) {
  const auto hosts = elements(in_force(settings, "host"));
  const auto addresses = elements(in_force(settings, "hostaddr"));
  const auto ports = elements(in_force(settings, "port"));
  const auto count = std::max(hosts.size(), addresses.size());
  const auto fits = [count](const List& list) { return list.size() == count || list == List{""}; };
  const bool is_port_for_all = ports.size() == 1;
  if (!in_force(settings, "service").empty() || !fits(hosts) || !fits(addresses) || !(is_port_for_all || fits(ports)))
    return {settings};
  std::vector<PostgresSettings> places;
  for (std::size_t i = 0; i < count; ++i)
    for (const auto& address : addresses_of(element(hosts, i), element(addresses, i))) {
      auto place = settings;
      set(place, "host", element(hosts, i));
      set(place, "hostaddr", address);
      set(place, "port", element(ports, i));
      places.push_back(std::move(place));
    }
  return places;
}

}  // namespace penstock::journal
