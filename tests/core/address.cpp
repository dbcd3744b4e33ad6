#include "daemon/core/address.hpp"

#include "tests/catch.hpp"

namespace penstock::core {

TEST_CASE("users, passwords, signatures and tokens are left out of an address") {
  CHECK(without_credentials("https://ci:ghp_1@host/x") == "https://host/x");
  CHECK(without_credentials("https://ghp_1@github.com/a/b.git") == "https://github.com/a/b.git");
  CHECK(without_credentials("git+https://ghp_1@github.com") == "git+https://github.com");
  CHECK(without_credentials("s3://key:p@ss@bucket:9000/x@1") == "s3://bucket:9000/x@1");
  CHECK(without_credentials("ssh://git:pw@host/x") == "ssh://host/x");
  CHECK(without_credentials("https://archive/https://u:pw@host/x") == "https://archive/https://host/x");
  CHECK(without_credentials("see https://u:pw@host, or ask") == "see https://host, or ask");
  CHECK(without_credentials("https://b/x?versionId=3&X-Amz-Credential=K&x-amz-signature=S&b=1#top") ==
        "https://b/x?versionId=3&b=1#top");
  CHECK(without_credentials("https://b/x?X-Goog-Signature=S") == "https://b/x");
  CHECK(without_credentials("https://b/x?sv=2024&SIG=S#a") == "https://b/x?sv=2024#a");
  CHECK(without_credentials("https://b/x?private_token=T&X-Amz-Security-Token=T") == "https://b/x");
}

TEST_CASE("an address without credentials stays as it is, byte by byte") {
  for (const auto* address :
       {"", "models:/m-1", "models:/fraud@champion", "wine/2026-11.csv", "git@github.com:a/b.git", "mia@example.com",
        "https://host", "https://host/@scope/x?at=a@b", "https://host/x?", "https://host/x?a&&b=1&", "file:///srv/a@b",
        "ssh://git@host/x", "SSH://git@host:22/x", "abfss://container@account.dfs.core.windows.net/x",
        "https://host/x?versionId=3&signed=no&token", "reads https://host/x, ask mia@example.com",
        "is it safe? token=none"})
    CHECK(without_credentials(address) == address);
}

}  // namespace penstock::core
