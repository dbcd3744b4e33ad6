#include "plugins/sources/mlflow_cursor.hpp"

namespace penstock::sources {

void MlflowCursor::move_mark(std::int64_t to) {
  if (to > mark) mark = to;
  seen.erase(seen.begin(), seen.lower_bound({horizon(), "", ""}));
}

std::string to_text(const MlflowCursor& cursor) {
  auto seen = nlohmann::json::array();
  for (const auto& entry : cursor.seen) seen.push_back({entry.created, entry.name, entry.version});
  auto pending = nlohmann::json::array();
  for (const auto& entry : cursor.pending)
    pending.push_back({{"name", entry.name},
                       {"version", entry.version},
                       {"since", entry.since.time_since_epoch().count()},
                       {"reason", entry.reason}});
  const nlohmann::json document{
      {"format", 1}, {"scope", cursor.scope}, {"mark", cursor.mark}, {"seen", seen}, {"pending", pending}};
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

MlflowCursor read_mlflow_cursor(const std::string& text, const std::string& scope) {
  MlflowCursor fresh;
  fresh.scope = scope;
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return fresh;
  try {
    auto cursor = fresh;
    if (document.at("format") != 1 || document.at("scope") != scope) return fresh;
    document.at("mark").get_to(cursor.mark);
    for (const auto& entry : document.at("seen"))
      cursor.seen.insert(
          {entry.at(0).get<std::int64_t>(), entry.at(1).get<std::string>(), entry.at(2).get<std::string>()});
    for (const auto& entry : document.at("pending"))
      cursor.pending.push_back({entry.at("name").get<std::string>(), entry.at("version").get<std::string>(),
                                core::Time(core::Duration(entry.at("since").get<std::int64_t>())),
                                entry.at("reason").get<std::string>()});
    return cursor;
  } catch (const nlohmann::json::exception&) {
    return fresh;
  }
}

}  // namespace penstock::sources
