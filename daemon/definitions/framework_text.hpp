// kind: Framework — as it is written in gate-definitions/frameworks/.
#pragma once

#include "daemon/definitions/documents.hpp"
#include "daemon/definitions/framework.hpp"

namespace penstock::definitions {

struct FrameworkMetadata {
  Written<Name> name;
  std::string version;
  static const core::declared::Shape<FrameworkMetadata>& shape();
};

struct ClauseEvidenceText {
  std::vector<Written<std::string>> gates;
  std::string named;
  std::optional<Fact> fact;
  Written<std::string> shows;
  static const core::declared::Shape<ClauseEvidenceText>& shape();
};

struct ClauseText {
  Written<std::string> id;
  std::string title;
  std::vector<ClauseEvidenceText> evidence;
  static const core::declared::Shape<ClauseText>& shape();
};

struct FrameworkText {
  static constexpr const char* kind_name = "Framework";
  using Metadata = FrameworkMetadata;
  std::string title;
  std::string owner;
  Written<std::string> source;
  Written<std::string> read;
  std::optional<Written<std::string>> effective;
  std::string note;
  std::vector<ClauseText> clauses;
  static const core::declared::Shape<FrameworkText>& shape();
};

using FrameworkDocument = Document<FrameworkText>;

}  // namespace penstock::definitions
