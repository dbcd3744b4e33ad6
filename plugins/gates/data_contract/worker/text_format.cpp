#include "plugins/gates/data_contract/worker/text_format.hpp"

#include <map>

namespace penstock::gates::data_contract::worker {
namespace {

const std::string octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const std::string four_octets = octet + "(\\." + octet + "){3}";
const std::string label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const std::string date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
const std::string time_of_day =
    "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

// Eight groups, or fewer with one `::`; the last two may be an IPv4 address.
std::string ipv6() {
  const std::string group = "[0-9A-Fa-f]{1,4}";
  const std::string last = "(" + group + ":" + group + "|" + four_octets + ")";
  std::string any = "((" + group + ":){6}" + last;
  for (int before = 0; before <= 7; ++before) {
    const int after = 7 - before;  // at most, behind the `::`
    const auto head = before == 0 ? std::string() : "(" + group + ":){" + std::to_string(before - 1) + "}" + group;
    any += "|" + head + "::";
    if (after >= 2) any += "((" + group + ":){0," + std::to_string(after - 2) + "}" + last + "|" + group + ")?";
    if (after == 1) any += "(" + group + ")?";
  }
  return any + ")";
}

}  // namespace

TextFormat text_format(const std::string& name, std::string& shape) {
  static const std::map<std::string, std::string> shapes{
      {"email", "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@" + label + "(\\." + label + ")*"},
      {"uuid", "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"},
      {"uri", "[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>\"{}|\\\\^`]+"},
      {"hostname", label + "(\\." + label + ")*"},
      {"ipv4", four_octets},
      {"ipv6", ipv6()},
      {"byte", "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"},
      {"date", date},
      {"time", time_of_day},
      {"date-time", date + "[Tt ]" + time_of_day}};
  if (name == "password" || name == "binary") return TextFormat::free;
  const auto found = shapes.find(name);
  if (found == shapes.end()) return TextFormat::unsupported;
  shape = found->second;
  return TextFormat::checked;
}

}  // namespace penstock::gates::data_contract::worker
