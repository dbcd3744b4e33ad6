#include "daemon/audit/failed_logins.hpp"

namespace penstock::audit {

std::optional<Entry> FailedLogins::failed(const std::string& address, const std::string& reason, core::Duration now) {
  if (count_ == 0)
    address_ = address;
  else if (address_ != address)
    address_.clear();
  reason_ = reason;
  ++count_;
  return rest(now);
}

std::optional<Entry> FailedLogins::rest(core::Duration now) {
  if (count_ == 0 || (told_at_ && now - *told_at_ < between_)) return std::nullopt;
  return told(now);
}

std::optional<Entry> FailedLogins::last(core::Duration now) {
  if (count_ == 0) return std::nullopt;
  return told(now);
}

std::optional<Entry> FailedLogins::told(core::Duration now) {
  Entry entry;
  entry.kind = EntryKind::login;
  entry.what = "login_failed";
  entry.from = address_.empty() ? "several" : address_;
  entry.reason = reason_;
  entry.count = count_;
  told_at_ = now;
  count_ = 0;
  return entry;
}

}  // namespace penstock::audit
