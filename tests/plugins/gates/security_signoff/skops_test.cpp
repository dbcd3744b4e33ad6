// skops: every node under the rules of its loader.
#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;

namespace {

std::string node(const std::string& loader, const std::string& module, const std::string& name,
                 const std::string& more = "") {
  return R"({"__loader__":")" + loader + R"(","__module__":")" + module + R"(","__class__":")" + name + "\"" +
         (more.empty() ? "" : "," + more) + "}";
}
std::string json_node(const std::string& value) {
  return node("JsonNode", "builtins", "str", R"("content":")" + value + R"(","is_json":true)");
}
std::string list_of(const std::string& nodes) {
  return node("ListNode", "builtins", "list", "\"content\":[" + nodes + "]");
}
std::string dict_of(const std::string& key_type) {
  return node("DictNode", "builtins", "dict",
              R"("content":{"a":)" + json_node("1") + "},\"key_types\":" + list_of(key_type));
}
const auto plain_dict = dict_of(node("TypeNode", "builtins", "str"));

// A file whose root is `inner` in a list.
std::string skops(const std::string& inner, const std::vector<ZipEntry>& members = {}) {
  auto entries = members;
  entries.push_back({"schema.json", node("ListNode", "builtins", "list",
                                         "\"content\":[" + inner + R"(],"protocol":2,"_skops_version":"0.16.0")")});
  return zip(entries);
}
Looked look_skops(const std::string& inner, const std::vector<ZipEntry>& members = {}) {
  return look(skops(inner, members), "model.skops");
}

}  // namespace

TEST_CASE("skops nodes of plain data are clean") {
  CHECK_CLEAN(look_skops(json_node("1")));
  CHECK_CLEAN(look_skops(plain_dict));
  CHECK_CLEAN(look_skops(node("SliceNode", "builtins", "slice", R"("content":{"start":1,"stop":null,"step":null})")));
  CHECK_CLEAN(
      look_skops(node("NdArrayNode", "numpy", "ndarray", R"("type":"numpy","file":"1.npy")"), {{"1.npy", npy()}}));
  CHECK_CLEAN(
      look_skops(node("NdArrayNode", "numpy", "float64", R"("type":"numpy","file":"1.npy")"), {{"1.npy", npy()}}));
  CHECK_CLEAN(look_skops(node("BytesNode", "builtins", "bytes", R"("file":"x.bin")"), {{"x.bin", "\x01\x02\xff"}}));
  CHECK_CLEAN(look_skops(
      node("ObjectNode", "sklearn.linear_model._logistic", "LogisticRegression", "\"content\":" + plain_dict)));
  CHECK_CLEAN(look_skops(node("FunctionNode", "numpy", "log1p")));
}

TEST_CASE("skops types that are not listed are unsafe, whatever their loader") {
  for (const auto* loader : {"ObjectNode", "TypeNode", "FunctionNode", "ConstructorFromReduceNode", "LossNode",
                             "NdArrayNode", "SparseMatrixNode"})
    CHECK_REMARK(look_skops(node(loader, "os", "system")), unsafe, "skops/type-not-allowed");
  CHECK_REMARK(look_skops(node("ListNode", "builtins", "eval", "\"content\":[]")), unsafe, "skops/type-not-allowed");
  CHECK_REMARK(look_skops(node("JsonNode", "os", "system", R"("content":"1")")), unsafe, "skops/type-not-allowed");
  CHECK_REMARK(look_skops(node("TupleNode", "subprocess", "Popen", "\"content\":[]")), unsafe,
               "skops/type-not-allowed");
  CHECK_REMARK(look_skops(node("RandomStateNode", "os", "system", "\"content\":" + plain_dict)), unsafe,
               "skops/type-not-allowed");
}

TEST_CASE("a listed type under a loader that would use it otherwise is unsafe") {
  // A function is not made as an object, and an estimator is not called.
  CHECK_REMARK(look_skops(node("ObjectNode", "numpy", "log1p")), unsafe, "skops/type-not-allowed");
  CHECK_REMARK(
      look_skops(node("ConstructorFromReduceNode", "sklearn.pipeline", "Pipeline", "\"content\":" + list_of(""))),
      unsafe, "skops/type-not-allowed");
  CHECK_REMARK(look_skops(node("ConstructorFromReduceNode", "copyreg", "_reconstructor", "\"content\":" + list_of(""))),
               unsafe, "skops/type-not-allowed");
  CHECK_REMARK(look_skops(dict_of(node("TypeNode", "sklearn.pipeline", "Pipeline"))), unsafe, "skops/type-not-allowed");
}

TEST_CASE("loaders that read attributes by name are unsafe") {
  CHECK_REMARK(look_skops(node("MethodNode", "sklearn.pipeline", "Pipeline",
                               R"("content":{"func":"predict","obj":)" + json_node("1") + "}")),
               unsafe, "skops/loader-not-allowed");
  CHECK_REMARK(look_skops(node("OperatorFuncNode", "operator", "methodcaller", "\"attrs\":" + list_of(""))), unsafe,
               "skops/loader-not-allowed");
  CHECK_REMARK(look_skops(node("NewNode", "builtins", "list", "\"content\":[]")), unsafe, "skops/loader-not-allowed");
}

TEST_CASE("a partial is as good as the function in it") {
  const auto partial = [](const std::string& function) {
    return node("PartialNode", "functools", "partial",
                "\"content\":{\"func\":" + function + ",\"args\":" + list_of("") + ",\"kwds\":" + plain_dict +
                    ",\"namespace\":" + json_node("null") + "}");
  };
  CHECK_CLEAN(look_skops(partial(node("FunctionNode", "numpy", "log1p"))));
  CHECK_REMARK(look_skops(partial(node("FunctionNode", "os", "system"))), unsafe, "skops/type-not-allowed");
}

TEST_CASE("a random generator's bit generator is one that is known") {
  const auto generator = [](const std::string& name) {
    const auto state = node("DictNode", "builtins", "dict",
                            R"("content":{"bit_generator":)" + json_node(name) +
                                "},\"key_types\":" + list_of(node("TypeNode", "builtins", "str")));
    return node("RandomGeneratorNode", "numpy.random._generator", "Generator",
                "\"content\":{\"bit_generator\":" + state + ",\"seed_seq\":" + plain_dict + "}");
  };
  CHECK_CLEAN(look_skops(generator("\\\"PCG64\\\"")));
  CHECK_REMARK(look_skops(generator("\\\"seed\\\"")), unsafe, "skops/type-not-allowed");
}

TEST_CASE("keys, forms and protocols that are not known fail") {
  CHECK_REMARK(
      look_skops(node("FunctionNode", "numpy", "log1p", R"("content":{"module_path":"os","function":"system"})")),
      unknown, "skops/not-understood");
  CHECK_REMARK(look_skops("7"), unknown, "skops/not-understood");
  CHECK_REMARK(
      look(zip({{"schema.json", node("ListNode", "builtins", "list", R"("content":[],"protocol":3)")}}), "model.skops"),
      unknown, "skops/protocol");
  CHECK_REMARK(look(zip({{"schema.json", "{\"a\":1,\"a\":2}"}}), "model.skops"), unknown, "skops/schema");
  CHECK_REMARK(look(zip({{"schema.json", std::string(5000, '[')}}), "model.skops"), unknown, "skops/schema");
}

TEST_CASE("a hidden second state under a key is looked at or refused") {
  // The loader reads the last of two equal keys, or the first; both must not be there.
  CHECK_REMARK(
      look_skops(
          R"({"__loader__":"ListNode","__loader__":"ObjectNode","__module__":"builtins","__class__":"list","content":[]})"),
      unknown, "skops/schema");
}

TEST_CASE("members and references fit one another") {
  const auto array = node("NdArrayNode", "numpy", "ndarray", R"("type":"numpy","file":"1.npy")");
  CHECK_REMARK(look_skops(array), unknown, "skops/missing-member");
  CHECK_REMARK(look_skops(json_node("1"), {{"1.npy", npy()}}), unknown, "skops/unexplained-member");
  CHECK_REMARK(look_skops(array, {{"1.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
                                                proto(2) + payload() + ".")}}),
               unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look_skops(array, {{"1.npy", proto(2) + payload() + "."}}), unsafe, "pickle/call-not-allowed");
}
