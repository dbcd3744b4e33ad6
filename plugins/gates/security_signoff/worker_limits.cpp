#include "plugins/gates/security_signoff/worker_limits.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace penstock::gates::security {
namespace {

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
  const char* name;
};
// The sanitizers map shadow memory without measure, and their leak check forks and traces: their builds go without
// both.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
// RLIMIT_DATA counts what is written, not the files that are mapped to be read: a file may be larger than the memory.
constexpr rlim_t max_data = is_sanitized ? RLIM_INFINITY : rlim_t{1536} << 20;
constexpr Limit limits[] = {{RLIMIT_CORE, 0, "core dumps"},    {RLIMIT_FSIZE, rlim_t{64} << 20, "written files"},
                            {RLIMIT_NOFILE, 64, "open files"}, {RLIMIT_CPU, 3600, "processor time"},
                            {RLIMIT_DATA, max_data, "memory"}, {RLIMIT_STACK, rlim_t{16} << 20, "stack"}};

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "name the audit architecture of this processor"
#endif

// A parser needs none of them. They answer EPERM, so that the parser's own error path is taken.
constexpr int refused[] = {SYS_socket,    SYS_socketpair, SYS_connect,
                           SYS_bind,      SYS_execve,     SYS_execveat,
                           SYS_ptrace,    SYS_setns,      SYS_process_vm_readv,
                           SYS_mount,     SYS_unshare,    SYS_process_vm_writev,
                           SYS_kill,      SYS_unlinkat,   SYS_io_uring_setup,
                           SYS_bpf,       SYS_keyctl,     SYS_userfaultfd,
                           SYS_mkdirat,   SYS_fchmodat,   SYS_renameat2,
                           SYS_symlinkat, SYS_linkat,     SYS_perf_event_open,
                           SYS_openat2,
#if defined(__x86_64__)
                           SYS_fork,      SYS_vfork,      SYS_open,
                           SYS_creat,     SYS_unlink,     SYS_rename,
                           SYS_mkdir,
#endif
                           SYS_clone,     SYS_clone3};

bool install_filter() {
  std::vector<sock_filter> program;
  const auto add = [&program](std::uint16_t code, std::uint32_t value, std::uint8_t then, std::uint8_t otherwise) {
    program.push_back({code, then, otherwise, value});
  };
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch), 0, 0);
  add(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr), 0, 0);
#if defined(__x86_64__)
  add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);  // the x32 numbers are the same calls by other names
  add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
#endif
  for (const auto call : refused) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
  }
  // openat(): only to read. The flags are the third argument's lower half.
  static_assert(std::endian::native == std::endian::little);
  add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(SYS_openat), 0, 3);
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t), 0, 0);
  add(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
  add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  // Where the kernel or a container has no filters, the other limits stand alone.
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 || errno == EINVAL || errno == ENOSYS;
}

}  // namespace

std::string give_up_rights() {
  const auto failed = [](const char* what) {
    return std::string("cannot limit ") + what + ": " + std::strerror(errno);
  };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("privileges");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return failed("dumps");
  for (const auto& limit : limits) {
    rlimit now{};
    if (getrlimit(limit.resource, &now) != 0) return failed(limit.name);
    const auto value = std::min(limit.value, now.rlim_max);
    const rlimit lower{value, value};
    if (setrlimit(limit.resource, &lower) != 0) return failed(limit.name);
  }
  if (!is_sanitized && !install_filter()) return failed("system calls");
  return {};
}

}  // namespace penstock::gates::security
