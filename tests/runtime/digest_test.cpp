#include "daemon/runtime/digest.hpp"

#include <fstream>
#include <set>
#include <thread>

#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock;
using namespace penstock::runtime;

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples") {
  CHECK(sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc").text() == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex() ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')).hex() ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 in pieces equals SHA-256 at once") {
  const std::string bytes(1000, 'x');
  for (const std::size_t piece : {1U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece) hash.update(std::string_view(bytes).substr(at, piece));
    CHECK(hash.finish() == sha256(bytes));
  }
}

TEST_CASE("a file's digest is the digest of its bytes, also beyond one read") {
  const TestFolder folder;
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += std::to_string(i);
  folder.write("file", bytes);
  CHECK(sha256_file(folder / "file").value() == sha256(bytes));
}

TEST_CASE("a file that cannot be read is a Problem that names it") {
  const TestFolder folder;
  const auto missing = sha256_file(folder / "missing");
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == "unreadable");
  CHECK(missing.error().where == (folder / "missing").string());
  CHECK(sha256_file(folder.path()).error().code == "unreadable");
}

TEST_CASE("HMAC-SHA-256 gives the results of RFC 4231") {
  CHECK(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an HMAC with an empty key does not reuse the key before it") {
  const std::string empty = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  CHECK(hex(hmac_sha256("", "")) == empty);
  hmac_sha256("another key", "text");
  CHECK(hex(hmac_sha256({}, {})) == empty);
}

TEST_CASE("digests and HMACs are the same from every thread") {
  const auto digest = sha256("text");
  const auto mac = hmac_sha256("key", "text");
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < 500; ++round)
          if (sha256("text") != digest || hmac_sha256("key", "text") != mac) ++wrong;
      });
  }
  CHECK(wrong == 0);
}

TEST_CASE("secrets compare equal only when every byte is") {
  CHECK(equal_constant_time("", ""));
  CHECK(equal_constant_time("secret", "secret"));
  CHECK_FALSE(equal_constant_time("secret", "secreT"));
  CHECK_FALSE(equal_constant_time("Secret", "secret"));
  CHECK_FALSE(equal_constant_time("secret", "secret "));
  CHECK_FALSE(equal_constant_time("", "s"));
  CHECK_FALSE(equal_constant_time({"a\0b", 3}, {"a\0c", 3}));
}

TEST_CASE("base64 gives RFC 4648's examples and reads them back") {
  const std::vector<std::pair<std::string, std::string>> examples = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"},
                                                                     {"\xff\xfe\xfb", "//77"}};
  for (const auto& [bytes, text] : examples) {
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
}

TEST_CASE("base64 with white space, missing padding, foreign digits or stray bits is refused") {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zg==\n", " Zg==", "Z", "====", "==", "=",
                           "Zm9v====", "Zm9v==", "Zg==Zg==", "Z===", "Zm-_", "Zm9\xc3", "Zh==", "Zm9=", "Zm=v"})
    CHECK_FALSE(from_base64(text).has_value());
  CHECK_FALSE(from_base64(std::string_view("Zm\0v", 4)).has_value());
}

TEST_CASE("every byte survives base64 and hex") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    CHECK(from_base64(base64(bytes.substr(size))) == bytes.substr(size));
    CHECK(from_hex(hex(bytes.substr(size))) == bytes.substr(size));
  }
}

TEST_CASE("hex is written in lower case and read in either") {
  CHECK(hex("\x01\xab") == "01ab");
  CHECK(from_hex("01AB") == "\x01\xab");
  CHECK(from_hex("") == "");
  for (const auto* text : {"0", "0g", "abc", "0x", " 0", "-1"}) CHECK_FALSE(from_hex(text).has_value());
}

TEST_CASE("random bytes are as many as asked for and never the same") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(33).size() == 33);
  CHECK(random_bytes(16) != random_bytes(16));
}

TEST_CASE("ids are in the order they were made in, even when the clock stands still or goes back") {
  const core::Time now(std::chrono::milliseconds(1'763'700'000'000));
  auto last = time_ordered_id("prm_", now);
  CHECK(last.size() == 30);
  CHECK(last.starts_with("prm_01KAJBCH80"));
  for (int i = 0; i < 1000; ++i) {
    const auto next = time_ordered_id("prm_", now - std::chrono::seconds(i % 3));
    CHECK(next > last);
    last = next;
  }
  CHECK(time_ordered_id("prm_", now + std::chrono::seconds(1)) > last);
}

TEST_CASE("ids made by several threads are all different") {
  const core::Time now(std::chrono::milliseconds(1'763'700'005'000));
  std::array<std::vector<std::string>, 4> made;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made)
      threads.emplace_back([&mine, now] {
        for (int i = 0; i < 1000; ++i) mine.push_back(time_ordered_id("", now));
      });
  }
  std::set<std::string> all;
  for (const auto& mine : made) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 4000);
}
