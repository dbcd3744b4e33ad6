#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

#include "daemon/audit/note.hpp"
#include "daemon/cli/audit.hpp"
#include "daemon/runtime/descriptor.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

// A file that was not there before, and that is gone again unless it is kept.
class NewFile {
 public:
  NewFile(std::string path, mode_t mode)
      : path_(std::move(path)), opened_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) {}
  ~NewFile() {
    if (opened_) ::unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // False, of either: errno says why.
  explicit operator bool() const { return static_cast<bool>(opened_); }
  bool write(const std::string& text) { return runtime::write_all(opened_.get(), text) && ::fsync(opened_.get()) == 0; }
  void keep() { opened_.close(); }

 private:
  std::string path_;
  runtime::Descriptor opened_;
};

core::Problem not_written(const std::string& file) {
  const int error = errno;
  return {
      "usage", "the keys cannot be written: " + std::generic_category().message(error), file,
      error == EEXIST ? "name another file: a key is never overwritten" : "name a file in a folder that you may write",
      false};
}

}  // namespace

Exit audit_keygen(const std::string& name, const std::string& file, Output output) {
  const auto signer = audit::Signer::generate(name);
  if (!signer) return fail(core::Problem{"usage", signer.error().message, "--name", "", false});
  const auto public_file = file + ".pub";
  const auto public_key = signer->verifier().text();
  // Both are there before either is written: a private key never stays behind without its public one.
  NewFile private_one(file, 0600);
  if (!private_one) return fail(not_written(file));
  NewFile public_one(public_file, 0644);
  if (!public_one) return fail(not_written(public_file));
  if (!private_one.write(signer->text() + "\n")) return fail(not_written(file));
  if (!public_one.write(public_key + "\n")) return fail(not_written(public_file));
  private_one.keep();
  public_one.keep();
  const json made{{"public_key", public_key}, {"private_file", file}, {"public_file", public_file}};
  std::cout << (output.json ? made.dump(2, ' ', false, json::error_handler_t::replace) : public_key) << "\n";
  return Exit::done;
}

}  // namespace penstock::cli
