#include "daemon/settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <tuple>

#include "daemon/settings_checks.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using core::declared::Faults;
using core::declared::Value;

std::string from_folder(const std::string& folder, const std::string& path) {
  return path.empty() ? path : (fs::path(folder) / path).lexically_normal().string();
}

void check_folder(const std::string& path, const std::string& folder, SettingsFaults& faults) {
  std::error_code failed;
  if (!folder.empty() && !fs::is_directory(folder, failed)) faults.add(path, "there is no folder " + folder);
}

void resolve_folders(Settings& settings, const std::string& folder, SettingsFaults& faults) {
  settings.data = from_folder(folder, settings.data);
  settings.definitions = from_folder(folder, settings.definitions);
  settings.workers = from_folder(folder, settings.workers);
  check_folder("definitions", settings.definitions, faults);
  check_folder("workers", settings.workers, faults);
  for (auto& [name, root] : settings.data_roots) {
    const auto path = "data_roots." + name;
    faults.name(path, name);
    if (name == "definitions" || name == "artifact")
      faults.add(path, "gates know `" + name + "` as something else; choose another name");
    root = from_folder(folder, root);
    check_folder(path, root, faults);
  }
}

bool is_ip_address(const std::string& text) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

void check_listen(const Settings& settings, SettingsFaults& faults) {
  const auto address = settings.listen_address();
  const bool bracketed = settings.listen.front() == '[';
  if (settings.listen_port() == 0 || !is_ip_address(address) || bracketed != (address.find(':') != std::string::npos))
    faults.add("listen", core::declared::quote(settings.listen) +
                             " is not an IP address and a port, such as 127.0.0.1:8087 or [::1]:8087");
}

}  // namespace

std::string Settings::listen_address() const {
  const auto colon = listen.rfind(':');
  auto address = listen.substr(0, colon == std::string::npos ? 0 : colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  return address;
}

std::uint16_t Settings::listen_port() const {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return 0;
  std::uint16_t port = 0;
  const auto* end = listen.data() + listen.size();
  const auto [read, error] = std::from_chars(listen.data() + colon + 1, end, port);
  return error == std::errc() && read == end ? port : std::uint16_t{0};
}

Settings read_settings(const Value& document, const std::string& folder, Faults& all) {
  auto settings = Settings::shape().read(document, "", all);
  SettingsFaults faults(document, all);
  if (faults.sound("listen")) check_listen(settings, faults);
  resolve_folders(settings, folder, faults);
  check_callers(settings, faults);
  SecretReader secrets(folder);
  resolve_endpoints(settings, secrets, faults);
  resolve_hooks(settings, secrets, faults);
  check_notices(settings, faults);
  check_semaphores(settings, faults);
  check_sources(settings, faults);
  resolve_audit(settings, folder, secrets, faults);
  resolve_journal(settings, secrets, faults);
  const auto& values = secrets.values();
  settings.secret_values.insert(settings.secret_values.end(), values.begin(), values.end());
  std::stable_sort(all.begin(), all.end(), [](const core::declared::Fault& left, const core::declared::Fault& right) {
    return std::tie(left.mark.line, left.mark.column) < std::tie(right.mark.line, right.mark.column);
  });
  return settings;
}

}  // namespace penstock
