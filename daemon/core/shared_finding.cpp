#include "daemon/core/shared_finding.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/core/json_writing.hpp"

namespace penstock::core {

const Finding& SharedFinding::value() const {
  if (told_ == nullptr) throw std::bad_optional_access();
  return told_->finding;
}

const SharedFinding::Told& SharedFinding::written() const {
  std::call_once(told_->once, [this] {
    auto document = to_json(told_->finding);
    told_->text = json_text(document);
    for (const auto* key : {"at", "evidence"}) document.erase(key);
    told_->judged = json_text(document);
  });
  return *told_;
}

}  // namespace penstock::core
