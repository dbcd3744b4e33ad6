// Builds documents from the parser's events, within limits. Internal to the reader.
#pragma once

#include <yaml-cpp/eventhandler.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "daemon/definitions/yaml.hpp"
#include "daemon/definitions/yaml_text.hpp"

namespace penstock::definitions {

// Thrown through the parser, which has no other way to be stopped; read_yaml() catches it. Its fault is recorded.
struct StopReading {};

class YamlBuilder : public YAML::EventHandler {
 public:
  // `guard_line`, from 0: where the text has ended. An empty document there is none.
  YamlBuilder(const YamlLimits& limits, const Positions& positions, int guard_line, core::declared::Faults& faults)
      : limits_(limits), positions_(positions), guard_line_(guard_line), faults_(faults) {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override;
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

  core::declared::Mark mark_of(const YAML::Mark& mark) const;
  std::vector<core::declared::Value> take() { return std::move(documents_); }

 private:
  // A container that is being filled.
  struct Level {
    core::declared::Value value;
    YAML::anchor_t anchor = 0;
    std::optional<core::declared::Entry> key;  // of a mapping: waits for its value
    bool drop = false;                         // that value is read, counted and left out
    std::set<std::string> keys;
  };
  // How much a value is: what an alias of it costs.
  struct Weight {
    std::size_t nodes = 0;
    std::size_t text_bytes = 0;
    int depth = 0;  // levels of containers
  };

  void fault(core::declared::Mark mark, std::string message);
  [[noreturn]] void stop(core::declared::Mark mark, std::string message);
  void open(core::declared::Value container, YAML::anchor_t anchor);
  void close();
  void put(core::declared::Value value, YAML::anchor_t anchor);
  void put_key(const core::declared::Value& value);
  void count(core::declared::Mark mark, const Weight& weight);
  static Weight weigh(const core::declared::Value& value);

  const YamlLimits& limits_;
  const Positions& positions_;
  int guard_line_;
  core::declared::Faults& faults_;
  std::vector<core::declared::Value> documents_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, core::declared::Value> anchored_;
  std::size_t nodes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace penstock::definitions
