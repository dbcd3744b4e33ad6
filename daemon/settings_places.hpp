// Where a key stands in a document: so that a problem that is found later still names line and column.
#pragma once

#include <string>

#include "daemon/core/declared_value.hpp"

namespace penstock {

// The document must outlive this.
class Places {
 public:
  explicit Places(const core::declared::Value& document) : document_(&document) {}
  // The position of "hooks[2].secret", or of the nearest thing around it that is written.
  core::declared::Mark mark(const std::string& path) const;
  // The value there; nullptr when it is not written.
  const core::declared::Value* find(const std::string& path) const;

 private:
  const core::declared::Value* document_;
};

}  // namespace penstock
