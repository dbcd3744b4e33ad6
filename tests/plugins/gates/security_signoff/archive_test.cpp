// Zip archives: what readers could understand differently is refused, and every member is looked at.
#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;

namespace {
const ZipEntry note{"note.txt", "hello\n"};
}

TEST_CASE("plain archives, stored, packed, streamed and with folders, are clean") {
  CHECK_CLEAN(look(zip({note}), "a.zip"));
  CHECK_CLEAN(look(zip({{"a/note.txt", std::string(1000, 'a'), true}, {"a/", ""}}), "a.zip"));
  ZipEntry streamed = note;
  streamed.flags = 8;
  CHECK_CLEAN(look(zip({streamed, {"b.txt", "b", true}}), "a.zip"));
  CHECK_CLEAN(look(zip({}), "empty.zip"));
}

TEST_CASE("a member with a payload is found whatever its name, depth and packing") {
  const auto evil = proto(2) + payload() + ".";
  CHECK_REMARK(look(zip({{"weights.npy", evil}}), "a.zip"), unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look(zip({{"x.txt", evil, true}}), "a.zip"), unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look(zip({{"x.zip", zip({{"y.zip", zip({{"z", evil, true}}), true}})}}), "a.zip"), unsafe,
               "pickle/call-not-allowed");
}

TEST_CASE("archives nested too deep are unknown") {
  auto bytes = zip({note});
  for (int i = 0; i < 4; ++i) bytes = zip({{"a.zip", bytes}});
  CHECK_REMARK(look(bytes, "a.zip"), unknown, "zip/depth");
}

TEST_CASE("headers that disagree are unsafe") {
  auto entry = note;
  entry.central_name = "other.txt";
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/disagreement");
  entry = note;
  entry.central_flags = 0x800;
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/disagreement");
  entry = note;
  entry.central_size_change = 1;
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/disagreement");
  CHECK_REMARK(look(zip({note}, {.count_change = 1}), "a.zip"), unsafe, "zip/header");
  CHECK_REMARK(look(zip({note, {"b", "b"}}, {.count_change = -1}), "a.zip"), unsafe, "zip/disagreement");
}

TEST_CASE("flags and methods that hide content are unsafe") {
  for (const std::uint32_t flags : {0x1U, 0x20U, 0x40U, 0x2000U}) {
    auto entry = note;
    entry.flags = flags;
    CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/header");
  }
  for (const std::uint32_t method : {12U, 14U, 95U, 99U}) {
    auto entry = note;
    entry.method = method;
    CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/header");
  }
}

TEST_CASE("a wrong checksum is unsafe, and the content is looked at all the same") {
  ZipEntry entry{"x", proto(2) + payload() + ".", true};
  entry.crc_change = 1;
  const auto looked = look(zip({entry}), "a.zip");
  CHECK_REMARK(looked, unsafe, "zip/checksum");
  CHECK_REMARK(looked, unsafe, "pickle/call-not-allowed");
}

TEST_CASE("bytes before, between and behind the members are unsafe") {
  CHECK_REMARK(look(zip({note}, {.between = "hidden"}), "a.zip"), unsafe, "zip/gap");
  CHECK_REMARK(look(zip({note}, {.after = "x"}), "a.zip"), unsafe, "zip/trailing-data");
  CHECK_REMARK(look(zip({note}, {.comment = "hello"}), "a.zip"), unsafe, "zip/trailing-data");
  CHECK_REMARK(look(zip({note}, {.before = "just text\n"}), "a.txt"), unsafe, "zip/polyglot");
  // Prefixed by another sound file.
  CHECK_REMARK(look(zip({note}, {.before = proto(2) + "N."}), "model.pkl"), unsafe, "zip/polyglot");
  CHECK_REMARK(look(safetensors("{\"__metadata__\":{}}", zip({note})), "a.safetensors"), unsafe, "zip/polyglot");
}

TEST_CASE("names that leave the folder or mean different things are unsafe") {
  for (const auto& name : {"../evil"s, "/etc/passwd"s, "a/../../b"s, "a//b"s, "./a"s, "C:/a"s, "a\\b"s, "a\0b"s,
                           "\xff"s, "\xc0\xaf"s, "a/."s})
    CHECK_REMARK(look(zip({{name, "x"}}), "a.zip"), unsafe, "zip/name");
  CHECK_REMARK(look(zip({note, {"NOTE.txt", "x"}}), "a.zip"), unsafe, "zip/duplicate");
}

TEST_CASE("links in an archive are unsafe") {
  auto entry = note;
  entry.attributes = 0120777U << 16;
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/header");
}

TEST_CASE("a second name in an extra field is unsafe") {
  auto entry = note;
  entry.extra = little(0x7075, 2) + little(6, 2) + "\x01" + little(0, 4) + "x";
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/header");
  entry.extra = little(0x5455, 2) + little(60, 2) + "x";
  CHECK_REMARK(look(zip({entry}), "a.zip"), unsafe, "zip/header");
}

TEST_CASE("bombs are stopped by what they declare and by what they hold") {
  security::ScanRules rules;
  rules.max_unpacked_bytes = 1 << 20;
  CHECK_REMARK(look(zip({{"zeros.txt", std::string(2 << 20, 'a'), true}}), "a.zip", rules), unsafe, "zip/bomb");
  // Several members share one allowance.
  const ZipEntry half{"a.txt", std::string(600 << 10, 'a'), true};
  auto other = half;
  other.name = "b.txt";
  CHECK_REMARK(look(zip({half, other}), "a.zip", rules), unsafe, "zip/bomb");
  // A member that unpacks to more than both headers say.
  auto packed = zip({{"a.txt", std::string(5000, 'a'), true}});
  const auto lie = little(10, 4), truth = little(5000, 4);
  for (auto at = packed.find(truth); at != packed.npos; at = packed.find(truth)) packed.replace(at, 4, lie);
  CHECK_REMARK(look(packed, "a.zip"), unsafe, "zip/checksum");
}

TEST_CASE("a torch archive's storages are explained by its pickle, byte for byte") {
  const auto tensor = [](const std::string& key, std::uint8_t count) {
    return proto(2) + global("torch._utils", "_rebuild_tensor_v2") + "(" + "(U\x07storage" +
           global("torch", "FloatStorage") + "U\x01" + key + "U\x03" + "cpuK" + static_cast<char>(count) + "tQK" +
           '\0' + "K" + static_cast<char>(count) + "\x85K\x01\x85\x89" + global("collections", "OrderedDict") + ")RtR.";
  };
  const ZipEntry version{"m/version", "3\n"};
  CHECK_CLEAN(look(zip({{"m/data.pkl", tensor("0", 2)}, {"m/data/0", std::string(8, '\0')}, version}), "model.pt"));
  CHECK_REMARK(look(zip({{"m/data.pkl", tensor("0", 2)}, {"m/data/0", std::string(9, '\0')}}), "model.pt"), unknown,
               "torch/storage-size");
  CHECK_REMARK(look(zip({{"m/data.pkl", tensor("0", 2)}}), "model.pt"), unknown, "torch/missing-storage");
  CHECK_REMARK(
      look(zip({{"m/data.pkl", tensor("0", 2)}, {"m/data/0", std::string(8, '\0')}, {"m/data/1", "\x01\x02\x03\xff"}}),
           "model.pt"),
      unknown, "not-understood");
  CHECK_REMARK(look(zip({{"m/data.pkl", proto(2) + payload() + "."}}), "model.pt"), unsafe, "pickle/call-not-allowed");
  // TorchScript brings code along.
  CHECK_REMARK(
      look(zip({{"m/data.pkl", tensor("0", 2)}, {"m/data/0", std::string(8, '\0')}, {"m/code/m.py", "x = 1\n"}}),
           "model.pt"),
      unsafe, "code/source");
}
