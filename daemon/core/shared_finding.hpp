// What a gate has found, held by every copy of the promotion that it is about.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "daemon/core/verdict.hpp"

namespace penstock::core {

// Nothing, or a finding that never changes: copies share it, and its JSON, which is written down again with every step
// of its promotion, is made once. Safe from any thread.
class SharedFinding {
 public:
  SharedFinding() = default;
  SharedFinding(Finding finding) : told_(std::make_shared<Told>(std::move(finding))) {}

  explicit operator bool() const { return told_ != nullptr; }
  bool has_value() const { return told_ != nullptr; }
  const Finding& operator*() const { return told_->finding; }
  const Finding* operator->() const { return &told_->finding; }
  // Throws std::bad_optional_access when there is none.
  const Finding& value() const;

  // to_json() of it, without white space.
  const std::string& text() const { return written().text; }
  // The same without what may differ where the same was found: its time, and evidence, which may tell the time.
  const std::string& judged_text() const { return written().judged; }

  friend bool operator==(const SharedFinding& one, const SharedFinding& other) {
    if (one.told_ == other.told_) return true;
    return one.told_ != nullptr && other.told_ != nullptr && *one == *other;
  }

 private:
  struct Told {
    explicit Told(Finding made) : finding(std::move(made)) {}
    const Finding finding;
    std::once_flag once;
    std::string text;
    std::string judged;
  };
  const Told& written() const;

  std::shared_ptr<Told> told_;
};

}  // namespace penstock::core
