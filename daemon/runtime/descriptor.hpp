// An open file that closes itself, and whole reads and writes on one. Errors are left in errno.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string_view>
#include <utility>

namespace penstock::runtime {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  // The caller closes it from now on.
  int release() { return std::exchange(number_, -1); }
  // Leaves errno as it was.
  void close();

 private:
  int number_ = -1;
};

// All of `bytes`, through interruptions and short writes. False: errno says why.
bool write_all(int descriptor, std::string_view bytes);
// Hands out the rest of the file piece by piece, until its end or until `take` says false. False: errno says why (also
// when it was `take` that ended it, with errno 0).
bool read_pieces(int descriptor, const std::function<bool(std::string_view)>& take);

}  // namespace penstock::runtime
