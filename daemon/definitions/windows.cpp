#include "daemon/definitions/windows.hpp"

#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {
namespace {

// All that can be told without a database.
class OnlyUtc : public core::TimeZones {
 public:
  bool knows(const std::string& zone) const override { return zone == "UTC"; }
  core::Duration offset_at(const std::string&, core::Time) const override { return {}; }
  core::Time from_local(const std::string&, core::LocalTime local) const override {
    return core::Time(local.time_since_epoch());
  }
};

core::Window make_window(const WindowText& window) {
  const auto& written = window.allow ? *window.allow : *window.deny;
  return {window.allow ? core::WindowKind::allow : core::WindowKind::deny, written.value, window.timezone,
          window.reason};
}

}  // namespace

void check_windows(const PolicyText& policy, const std::string& file, const Options& options, Lints& lints) {
  static const OnlyUtc only_utc;
  const core::TimeZones& zones = options.zones ? *options.zones : static_cast<const core::TimeZones&>(only_utc);
  for (const auto& window : policy.windows) {
    if (window.allow.has_value() == window.deny.has_value()) {
      const std::string message = "a window has either `allow` or `deny`, and this one has ";
      if (window.allow)
        complain(Severity::error, file, *window.allow, message + "both", lints);
      else
        complain(Severity::error, file, policy.environment, message + "neither", lints);
      continue;
    }
    if (const auto problem = core::problem_of(make_window(window), zones))
      complain(Severity::error, file, window.allow ? *window.allow : *window.deny,
               problem->message + (problem->hint.empty() ? "" : ": " + problem->hint), lints);
  }
  if (policy.after && policy.after->environment.value.text == policy.environment.value.text)
    complain(Severity::error, file, policy.after->environment, "an environment cannot come after itself", lints);
}

std::vector<core::Window> make_windows(const std::vector<WindowText>& windows) {
  std::vector<core::Window> made;
  for (const auto& window : windows) made.push_back(make_window(window));
  return made;
}

}  // namespace penstock::definitions
