#include "daemon/core/shared_finding.hpp"

#include <nlohmann/json.hpp>
#include <optional>

namespace penstock::core {

const Finding& SharedFinding::value() const {
  if (told_ == nullptr) throw std::bad_optional_access();
  return told_->finding;
}

const SharedFinding::Told& SharedFinding::written() const {
  std::call_once(told_->once, [this] {
    constexpr auto replace = nlohmann::json::error_handler_t::replace;
    auto document = to_json(told_->finding);
    told_->text = document.dump(-1, ' ', false, replace);
    for (const auto* key : {"at", "evidence"}) document.erase(key);
    told_->judged = document.dump(-1, ' ', false, replace);
  });
  return *told_;
}

}  // namespace penstock::core
