// The route table while it is being made. Internal to the routes.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

using Handler = std::function<asio::awaitable<Response>(const ApiParts&, Request)>;

class Table {
 public:
  explicit Table(const ApiParts& parts) : parts_(parts) {}

  // The route is to be completed by the caller; the reference is good until the next call.
  Route& add(std::string method, std::string path, std::string operation, std::string summary, Access access,
             Handler handler) {
    Route route;
    route.method = std::move(method);
    route.path = std::move(path);
    route.operation = std::move(operation);
    route.summary = std::move(summary);
    route.access = access;
    route.handler = [&parts = parts_, handler = std::move(handler)](Request request) {
      return handler(parts, std::move(request));
    };
    routes_.push_back(std::move(route));
    return routes_.back();
  }
  Routes take() && { return std::move(routes_); }

 private:
  const ApiParts& parts_;
  Routes routes_;
};

// Policies as changes: plans, what is loaded, simulations.
void add_definitions(Table& table);

}  // namespace penstock::intake
