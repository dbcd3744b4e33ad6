// Arrays, tensors, texts and everything else: by content, not by name.
#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;

TEST_CASE("array headers are read as literals, and announce exactly the data") {
  CHECK_CLEAN(look(npy(), "a.npy"));
  CHECK_CLEAN(
      look(npy("{'descr': [('a', '<f4'), (('title', 'b'), '|S3', (2,))], 'fortran_order': True, 'shape': (2, 1)}",
               std::string(20, '\0')),
           "a.npy"));
  CHECK_REMARK(look(npy(std::string(9, '\0')), "a.npy"), unknown, "npy/size");
  CHECK_REMARK(look(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", ""), "a.npy"),
               unknown, "npy/header");
  CHECK_REMARK(look(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", ""), "a.npy"),
               unknown, "npy/size");
  for (const auto* header : {"__import__('os').system('id')", "{'descr': '<f8', 'shape': (1,)}",
                             "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}",
                             "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} + x",
                             "{'descr': 'float', 'fortran_order': False, 'shape': (1,)}",
                             "{'descr': '<f8', 'descr': '|O', 'fortran_order': False, 'shape': (1,)}", ""})
    CHECK_REMARK(look(npy(header, std::string(8, '\0')), "a.npy"), unknown, "npy/header");
  std::string deep = "{'fortran_order': False, 'shape': (1,), 'descr': ";
  for (int i = 0; i < 1000; ++i) deep += "[('a', ";
  CHECK_REMARK(look(npy(deep, ""), "a.npy"), unknown, "npy/header");
}

TEST_CASE("an array of objects is judged as the pickle that it is") {
  const auto header = "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}";
  CHECK_REMARK(look(npy(header, proto(2) + payload() + "."), "a.npy"), unsafe, "pickle/call-not-allowed");
}

TEST_CASE("safetensors describe every byte once") {
  const auto tensor = [](const std::string& name, const std::string& rest) {
    return "\"" + name + "\":{\"dtype\":\"F32\"," + rest + "}";
  };
  const auto a = tensor("a", R"("shape":[2],"data_offsets":[0,8])");
  CHECK_CLEAN(look(safetensors("{" + a + R"(,"__metadata__":{"format":"pt"}})", std::string(8, 'x')), "m.safetensors"));
  const std::vector<std::string> wrong{"{" + a + "}x", "{" + a + "," + a + "}", "[" + a + "]", "{\"a\":{}}"};
  for (const auto& header : wrong)
    CHECK(look(safetensors(header, std::string(8, 'x')), "m.safetensors").level() >= Level::unknown);
  for (const auto* entry : {R"("shape":[3],"data_offsets":[0,8])", R"("shape":[2],"data_offsets":[8,0])",
                            R"("shape":[2],"data_offsets":[4,12])", R"("shape":[-2],"data_offsets":[0,8])",
                            R"("shape":[4611686018427387904,8],"data_offsets":[0,0])"})
    CHECK_REMARK(look(safetensors("{" + tensor("a", entry) + "}", std::string(8, 'x')), "m.safetensors"), unsafe,
                 "safetensors/layout");
  CHECK_REMARK(
      look(safetensors("{" + a + "," + tensor("b", R"("shape":[1],"data_offsets":[4,8])") + "}", std::string(8, 'x')),
           "m.safetensors"),
      unsafe, "safetensors/layout");
  CHECK_REMARK(look(safetensors("{" + a + "}", std::string(9, 'x')), "m.safetensors"), unsafe, "safetensors/layout");
  CHECK_REMARK(look(little(5000, 8) + "{}", "m.safetensors"), unknown, "safetensors/header");
}

TEST_CASE("a file that is also a pickle is unsafe, and one that only begins like one is not") {
  // PAR1 begins with the opcode PERSID, which takes the rest of its line.
  CHECK_REMARK(look("PAR1\n" + payload() + "." + little(10, 4) + "PAR1", "x.parquet"), unsafe, "pickle/polyglot");
  // A header of 640 bytes: the file begins with 80 02, as a pickle of protocol 2 does.
  std::string header = R"({"__metadata__":{"format":"pt"}})";
  header.resize(0x280, ' ');
  REQUIRE(safetensors(header, "").substr(0, 2) == "\x80\x02");
  CHECK_CLEAN(look(safetensors(header, ""), "m.safetensors"));
}

TEST_CASE("programs are unsafe under every name") {
  const auto filler = std::string(64, '\0');
  for (const auto& magic : {"\x7f"
                            "ELF"s,
                            "MZ"s, "\0asm"s, "\xcf\xfa\xed\xfe"s, "\xca\xfe\xba\xbe"s, "#!/bin/sh\n"s,
                            "\xa7\x0d\x0d\x0a"s, "\xcb\x0d\x0d\x0a"s})
    CHECK_REMARK(look(magic + filler, "weights.bin"), unsafe, "code/executable");
}

TEST_CASE("source code is unsafe unless the gate allows Python") {
  security::ScanRules rules;
  rules.allow_code = true;
  CHECK_REMARK(look("import os\n", "code/model.py"), unsafe, "code/source");
  CHECK_CLEAN(look("import os\n", "code/model.py", rules));
  CHECK_REMARK(look("import os\n", "startup.pth", rules), unsafe, "code/source");
  CHECK_REMARK(look("echo hello\n", "run.SH", rules), unsafe, "code/source");
  CHECK_REMARK(look("", "pkg/__init__.py"), unsafe, "code/empty-file");
  CHECK_CLEAN(look("", "_SUCCESS"));
}

TEST_CASE("what is of no known kind fails") {
  for (const auto& bytes :
       {"\x37\x7a\xbc\xaf\x27\x1c"s + std::string(20, '\1'), "\x89HDF\r\n\x1a\n"s + std::string(8, '\0'),
        "\xff\xfe"
        "a\0b\0"s,
        "GGUF\x03\0\0\0"s, "\x1f\x8b\x08\0\0\0\0\0"s, "caf\xe9\n"s, "PAR1"s + std::string(20, '\0')})
    CHECK(look(bytes, "file").level() >= Level::unknown);
  CHECK_REMARK(look("\x01\x02\x03", "file"), unknown, "not-understood");
}

TEST_CASE("Parquet is data when both its ends are there") {
  CHECK_CLEAN(look("PAR1" + std::string(10, '\x15') + little(10, 4) + "PAR1", "x.parquet"));
  CHECK_REMARK(look("PAR1" + std::string(10, '\x15') + little(99, 4) + "PAR1", "x.parquet"), unknown, "not-understood");
}

TEST_CASE("the texts that MLflow writes are clean") {
  CHECK_CLEAN(
      look("flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    env: "
           "{conda: conda.yaml}\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n",
           "MLmodel"));
  CHECK_CLEAN(
      look("channels:\n- conda-forge\ndependencies:\n- python=3.11.2\n- pip<=23.0.1\n- pip:\n  - mlflow==3.17.2\nname: "
           "mlflow-env\n",
           "conda.yaml"));
  CHECK_CLEAN(look("cloudpickle==3.1.2\nnumpy\nmlflow\n", "requirements.txt"));
  CHECK_CLEAN(look("cat,dog\nnumpy,1\n(1,2\n", "data.csv"));
  CHECK_CLEAN(look("\xef\xbb\xbf# Modèle\n\nBon.\n", "README.md"));
  CHECK_CLEAN(look(R"({"num_target_classes": 3, "trust_remote_code": false, "name": "\u00e9"})", "config.json"));
}

TEST_CASE("an MLmodel file that makes the server import or read elsewhere is unsafe") {
  CHECK_REMARK(look("flavors:\n  python_function:\n    loader_module: evil.loader\n", "MLmodel"), unsafe,
               "mlmodel/loader-not-allowed");
  CHECK_REMARK(look("flavors: {sklearn: {pickled_model: ../../tmp/x.pkl}}", "m/MLmodel"), unsafe, "mlmodel/path");
  CHECK_REMARK(look("flavors: [", "MLmodel"), unknown, "mlmodel/not-understood");
  CHECK_REMARK(look("x: 1", "MLmodel"), unknown, "mlmodel/not-understood");
}

TEST_CASE("configuration that makes loaders run code is unsafe") {
  CHECK_REMARK(look(R"({"auto_map": {"AutoModel": "modeling_x.X"}})", "config.json"), unsafe, "config/remote-code");
  CHECK_REMARK(look("trust_remote_code: true\n", "a.yaml"), unsafe, "config/remote-code");
  CHECK_REMARK(look("model:\n  _target_: os.system\n", "model.yaml"), unsafe, "config/instantiate");
  CHECK_REMARK(look("x: !!python/object/apply:os.system [id]\n", "a.yml"), unsafe, "yaml/python-tag");
  CHECK_REMARK(look(R"({"\u005ftarget\u005f": "os.system"})", "a.json"), warn, "config/escaped-letters");
}

TEST_CASE("requirements from foreign addresses are for a person to decide, and are not shown") {
  for (const auto* line : {"--extra-index-url https://user:secret@host/simple", "x @ git+https://host/x", "-e ./x",
                           "  - https://host/x.whl"}) {
    const auto looked = look("numpy\n"s + line + "\n", "requirements.txt");
    CHECK_REMARK(looked, warn, "requirements/foreign-source");
    CHECK(looked.told().find("secret") == std::string::npos);
  }
}

TEST_CASE("secrets are found by their prefixes and never repeated") {
  const auto key = "AKIA"s + "ABCDEFGHIJKLMNOP";
  for (const auto& secret :
       {key, "ghp_"s + std::string(36, 'a'), "hf_"s + std::string(34, 'b'), "-----BEGIN RSA PRIVATE KEY-----"s,
        "glpat-"s + std::string(20, 'c'), "xoxb-"s + std::string(12, '1'), "AIza"s + std::string(35, 'd'),
        "eyJ"s + std::string(12, 'e') + ".eyJ" + std::string(12, 'f') + "." + std::string(12, 'g')}) {
    const auto looked = look("a = 1\nkey = " + secret + "\n", "notes.txt");
    CHECK_REMARK(looked, unsafe, "text/secret");
    CHECK(looked.told().find(secret.substr(5)) == std::string::npos);
    CHECK(looked.report.remarks.front().where == "notes.txt, line 2");
  }
  CHECK_CLEAN(look("AKIAabc hf_short ghp_x\n", "notes.txt"));
}

TEST_CASE("a secret at the seam of two windows is found, once") {
  std::string bytes((16 << 20) - 10, '.');
  bytes += " AKIAABCDEFGHIJKLMNOP ";
  bytes += std::string(100, '.');
  const auto looked = look(bytes, "big.txt");
  CHECK(looked.report.remarks.size() == 1);
}
