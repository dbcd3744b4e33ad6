#include "daemon/intake/routes.hpp"

#include "daemon/intake/api_candidates.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/intake/api_delegations.hpp"
#include "daemon/intake/api_lane_actions.hpp"
#include "daemon/intake/api_lanes.hpp"
#include "daemon/intake/api_operations.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_promotions.hpp"
#include "daemon/intake/api_schemas.hpp"
#include "daemon/intake/api_semaphores.hpp"
#include "daemon/intake/api_stops.hpp"
#include "daemon/intake/api_waivers.hpp"
#include "daemon/intake/routes_table.hpp"
#include "daemon/intake/stream.hpp"

namespace penstock::intake {
namespace {

// GitHub sends up to 25 MB; a push that long is found by the next poll.
constexpr std::size_t hook_body = 4 << 20;

void add_candidates(Table& table) {
  auto& post = table.add("POST", "/v1/candidates", "submitCandidate", "Submit a candidate for promotion.",
                         Access::caller, post_candidate);
  post.request_schema = candidate_schema();
  post.request_headers = {"Idempotency-Key"};
  post.answers = {{200, "The candidate was known; its promotions."},
                  {201, "The candidate is journalled; its promotions."},
                  {400, "The body is no candidate."},
                  {409, "A request with this Idempotency-Key is being answered."},
                  {422, "No policy covers the model, or the Idempotency-Key was used for another body."}};
  auto& list = table.add("GET", "/v1/candidates", "listCandidates", "Candidates, newest first.", Access::caller,
                         list_candidates);
  list.query = {{"model", "Of this model."}, {"version", "Of this version."}, limit_parameter(), cursor_parameter()};
  list.answers = {{200, "A page of candidates."}, {400, "A filter cannot be read."}};
  table
      .add("GET", "/v1/candidates/{id}", "getCandidate", "One candidate and its promotions.", Access::caller,
           get_candidate)
      .answers = {{200, "The candidate."}, {404, "It was never seen."}};
}

void add_promotions(Table& table) {
  auto& list = table.add("GET", "/v1/promotions", "listPromotions", "Promotions, newest first.", Access::caller,
                         list_promotions);
  list.query = {{"model", "Of this model."},
                {"environment", "Into this environment."},
                {"phase", "In this phase."},
                {"version", "Of this version."},
                {"candidate", "Of this candidate's id."},
                {"ended", "Only those that have ended, or have not.", {{"type", "boolean"}}},
                limit_parameter(),
                cursor_parameter()};
  list.answers = {{200, "A page of promotions."}, {400, "A filter cannot be read."}};
  auto& one = table.add("GET", "/v1/promotions/{id}", "getPromotion", "One promotion; its ETag is what to decide on.",
                        Access::caller, get_promotion);
  one.query = {
      {"wait", "Answer when it has ended, is live, held or awaiting approval, or after this long (up to 60s)."},
      {"past", "With `wait`: and is no longer in this phase."}};
  one.answers = {
      {200, "The promotion."}, {400, "`wait` or `past` cannot be read."}, {404, "There is no such promotion."}};
  auto& why = table.add("GET", "/v1/promotions/{id}/explanation", "explainPromotion",
                        "Why it is where it is: every condition.", Access::caller, get_explanation);
  why.request_headers = {"Accept"};
  why.answer_schema = {{"$ref", "#/components/schemas/Explanation"}};
  why.answers = {{200, "The conditions as a tree; with `Accept: text/plain` one readable paragraph."},
                 {404, "There is no such promotion."}};
  auto& events = table.add("GET", "/v1/promotions/{id}/events", "listPromotionEvents",
                           "What happened to it, oldest first.", Access::caller, list_events);
  events.query = {cursor_parameter()};
  events.answers = {
      {200, "A page of up to 1000 events."}, {400, "The cursor cannot be read."}, {404, "There is no such promotion."}};
}

void add_decisions(Table& table) {
  auto& decide =
      table.add("POST", "/v1/promotions/{id}/decisions", "decidePromotion",
                "Approve, reject, veto, take one's approval back, or break the glass.", Access::person, post_decision);
  decide.request_schema = decision_schema();
  decide.request_headers = {"If-Match"};
  decide.answers = {{200, "The promotion after the decision."},
                    {400, "The decision cannot be read, or has no reason although it needs one."},
                    {403, "The policy does not let this person decide."},
                    {404, "There is no such promotion."},
                    {409, "It is not waiting for a decision."},
                    {412, "If-Match is not what the promotion is decided on by."},
                    {428, "If-Match is missing."}};
  auto& retry = table.add("POST", "/v1/promotions/{id}/retry", "retryPromotion",
                          "Go on with a held one, or open an ended one anew.", Access::person, post_retry);
  retry.request_schema = nothing_schema();
  retry.answers = {
      {200, "The promotion goes on."},
      {201, "A new promotion of the same candidate."},
      {404, "There is no such promotion."},
      {409, "There is nothing to retry, the candidate was vetoed here, or what is held may not be delivered now."},
      {422, "No policy covers its lane any more."}};
  auto& withdraw = table.add("POST", "/v1/promotions/{id}/withdraw", "withdrawPromotion",
                             "Take it back: its submitter, or any person.", Access::caller, post_withdrawal);
  withdraw.request_schema = reason_schema("Why it is not wanted any more.");
  withdraw.answers = {{200, "The promotion is withdrawn."},
                      {400, "The reason is missing."},
                      {403, "A service can only withdraw what it submitted."},
                      {404, "There is no such promotion."},
                      {409, "It is being delivered, is live, or has ended."}};
}

void add_lanes(Table& table) {
  auto& list = table.add("GET", "/v1/lanes", "listLanes", "Every lane: what is live, under way, and how many wait.",
                         Access::caller, list_lanes);
  list.query = {
      {"model", "Of this model."}, {"environment", "Of this environment."}, limit_parameter(), cursor_parameter()};
  list.answers = {{200, "A page of lanes."}, {400, "A filter cannot be read."}};
  auto& one = table.add("GET", "/v1/lanes/{model}/{environment}", "getLane",
                        "One lane: live, under way, waiting, and what holds it.", Access::caller, get_lane);
  one.query = {{"at", "What was live then (RFC 3339), and nothing else."}};
  one.answers = {{200, "The lane."}, {400, "`at` cannot be read."}, {404, "Nothing was ever seen of it."}};
  auto& history = table.add("GET", "/v1/lanes/{model}/{environment}/history", "listLaneHistory",
                            "What was live when, newest first.", Access::caller, get_history);
  history.query = {limit_parameter(), cursor_parameter()};
  history.answers = {{200, "A page of what was live."},
                     {400, "`limit` or `cursor` cannot be read."},
                     {404, "Nothing was ever seen of the lane."}};
  table
      .add("GET", "/v1/evidence/{digest}", "getEvidence", "Download a document of evidence.", Access::caller,
           get_evidence)
      .answers = {{200, "Its bytes."}, {404, "No such evidence is kept."}};
  auto& stream = table.add("GET", "/v1/stream", "streamEvents", "What happens, as server-sent events.", Access::caller,
                           get_stream);
  stream.query = {{"model", "Of this model."}};
  stream.request_headers = {"Last-Event-ID"};
  stream.answers = {{200, "Events until one side closes."}, {400, "Last-Event-ID is not the id of an event."}};
}

void add_lane_actions(Table& table) {
  auto& pin = table.add("POST", "/v1/lanes/{model}/{environment}/pin", "pinLane",
                        "Hold a lane: it takes up nothing until it is released.", Access::person, post_pin);
  pin.request_schema = reason_schema("Why nothing may be taken up.");
  pin.answers = {{200, "The lane."}, {400, "The reason is missing."}, {404, "Nothing was ever seen of the lane."}};
  auto& release = table.add("POST", "/v1/lanes/{model}/{environment}/release", "releaseLane",
                            "Let a lane that is held go on.", Access::person, post_release);
  release.request_schema = nothing_schema();
  release.answers = {{200, "The lane."}, {404, "Nothing was ever seen of the lane."}};
  auto& back = table.add("POST", "/v1/lanes/{model}/{environment}/rollback", "rollBackLane",
                         "Go back to what was live before, or tell what that would do.", Access::person, post_rollback);
  back.request_schema = rollback_schema();
  back.request_headers = {"If-Match"};
  back.answers = {{200, "What would happen, or the promotion that goes back already."},
                  {201, "The promotion that goes back."},
                  {400, "The body cannot be read, or the reason is missing."},
                  {403, "The policy does not let this person decide."},
                  {404, "Nothing was ever seen of the lane."},
                  {409, "There is nothing to take back, or nothing to go back to."},
                  {412, "If-Match is not what is live."}};
  auto& review = table.add("POST", "/v1/lanes/{model}/{environment}/review", "fileReview",
                           "File the review that is owed since the glass was broken.", Access::person, post_review);
  review.request_schema = review_schema();
  review.answers = {{200, "The lane."},
                    {400, "The text is missing."},
                    {403, "The caller broke the glass, or is not among the reviewers."},
                    {404, "Nothing was ever seen of the lane."}};
}

void add_delegations(Table& table) {
  table
      .add("GET", "/v1/delegations", "listDelegations", "Who stands in for whom now.", Access::caller, list_delegations)
      .answers = {{200, "The delegations."}};
  auto& give = table.add("POST", "/v1/delegations", "giveDelegation",
                         "Let somebody else approve and reject in the caller's stead, until a date.", Access::person,
                         post_delegation);
  give.request_schema = delegation_schema();
  give.answers = {{201, "The delegation."},
                  {400, "It cannot be read, lasts too long, or hands on nothing that the caller has."}};
  auto& end = table.add("POST", "/v1/delegations/{id}/end", "endDelegation", "End a delegation.", Access::person,
                        post_delegation_end);
  end.request_schema = nothing_schema();
  end.answers = {{200, "The delegations that are left."},
                 {403, "The caller is neither of the two."},
                 {404, "There is no such delegation."}};
}

void add_waivers(Table& table) {
  const std::string waivers = "/v1/lanes/{model}/{environment}/waivers";
  auto& ask = table.add("POST", waivers, "askWaiver", "Ask to go on although a gate is not passed.", Access::person,
                        post_waiver);
  ask.request_schema = waiver_schema();
  ask.answers = {{201, "The waiver; somebody else must grant it."},
                 {400, "The waiver cannot be read, lasts too long, or names no gate of the lane."},
                 {404, "Nothing was ever seen of the lane."}};
  auto& grant = table.add("POST", waivers + "/{id}/grant", "grantWaiver", "Grant what somebody else has asked for.",
                          Access::person, post_grant);
  grant.request_schema = nothing_schema();
  grant.answers = {{200, "The waiver."},
                   {403, "The policy does not let this person decide, or they asked for it."},
                   {404, "There is no such lane or waiver."},
                   {409, "It has ended, or no policy covers the lane."}};
  auto& revoke = table.add("POST", waivers + "/{id}/revoke", "revokeWaiver", "Refuse a waiver, or take it back.",
                           Access::person, post_revocation);
  revoke.request_schema = reason_schema("Why it must not be used any more.");
  revoke.answers = {
      {200, "The waiver as it was."}, {400, "The reason is missing."}, {404, "There is no such lane or waiver."}};
}

void add_stops(Table& table) {
  table.add("GET", "/v1/stops", "listStops", "What holds deliveries back now.", Access::caller, list_stops).answers = {
      {200, "The stops."}};
  auto& stop = table.add("POST", "/v1/stops", "setStop",
                         "Deliver nothing: to a model, an environment, or anywhere. Rollbacks go on.", Access::person,
                         post_stop);
  stop.request_schema = stop_schema();
  stop.answers = {{201, "The stop."}, {400, "The reason is missing."}};
  auto& lift = table.add("POST", "/v1/stops/{id}/lift", "liftStop", "Let deliveries go on.", Access::person, post_lift);
  lift.request_schema = nothing_schema();
  lift.answers = {{200, "The stops that are left."}, {404, "There is no such stop."}};
  table
      .add("GET", "/v1/semaphores", "listSemaphores", "How many lanes may promote at once, who does, and who waits.",
           Access::caller, list_semaphores)
      .answers = {{200, "The semaphores."}};
}

void add_operations(Table& table, Hooks& hooks) {
  const auto receive = [&hooks](const ApiParts&, Request request) { return hooks.receive(std::move(request)); };
  auto& hook = table.add("POST", "/hooks/{source}", "receiveHook", "What another system tells, under its signature.",
                         Access::hook, receive);
  hook.request_schema = hook_schema();
  hook.max_body = hook_body;
  hook.answers = {{202, "Taken, repeated, or nothing to do."},
                  {400, "The signed body cannot be read."},
                  {401, "The signature does not fit, or its time stamp is stale."},
                  {403, "The sender may not do this."},
                  {404, "There is no such hook, promotion or source."},
                  {409, "The promotion is not waiting for this."},
                  {412, "The decision is about something else than what is there."}};
  // By a service too: nothing is decided, and the caller gets nothing of what is in it.
  auto& backup =
      table.add("POST", "/v1/backups", "makeBackup",
                "Back up journal, evidence and artifacts into the daemon's data folder.", Access::caller, post_backup);
  backup.request_schema = nothing_schema();
  backup.answers = {{201, "How much is in it, and where it is; told when it is whole, which may take long."},
                    {409, "Another one is being made."},
                    {500, "The journal or the store is damaged: what, and what to do."},
                    {501, "Something in the data folder cannot be copied: which."}};
  table.add("GET", "/livez", "getLive", "Whether the daemon answers.", Access::open, get_livez).answers = {
      {200, "It does."}};
  table
      .add("GET", "/readyz", "getReady", "Whether due work is taken up and the journal works.", Access::open,
           get_readyz)
      .answers = {{200, "It is."}, {503, "It is not, and why."}};
  table.add("GET", "/metrics", "getMetrics", "Counters in the Prometheus text format.", Access::open, get_metrics)
      .answers = {{200, "The counters."}};
  table.add("GET", "/version", "getVersion", "Which Penstock this is.", Access::open, get_version).answers = {
      {200, "Name and version."}};
}

}  // namespace

Routes make_routes(const ApiParts& parts, Hooks& hooks) {
  Table table(parts);
  add_candidates(table);
  add_promotions(table);
  add_decisions(table);
  add_lanes(table);
  add_lane_actions(table);
  add_waivers(table);
  add_stops(table);
  add_definitions(table);
  add_delegations(table);
  add_operations(table, hooks);
  return std::move(table).take();
}

}  // namespace penstock::intake
