// SHA-256 of what the worker reads, so that its report says which bytes it is about.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace penstock::gates::data_contract::worker {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void update(std::string_view bytes);
  std::string finish();  // 64 lower-case hex digits; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::gates::data_contract::worker
