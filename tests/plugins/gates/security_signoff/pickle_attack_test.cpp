// The ways around pickle scanners that are known, each as small as it can be.
#include "tests/plugins/gates/security_signoff/looking.hpp"

using namespace penstock::tests;

TEST_CASE("a call of os.system is unsafe in every protocol and under every name") {
  CHECK_REMARK(look(payload() + "."), unsafe, "pickle/global-not-allowed");
  CHECK_REMARK(look(payload() + ".", "weights.bin"), unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look(payload() + ".", "README.md"), unsafe, "pickle/polyglot");
  CHECK_REMARK(look(proto(2) + payload() + ".", "data.json"), unsafe, "name/contradiction");
  CHECK_REMARK(look(proto(4) + framed(stack_global("os", "system") + text("id") + "\x85R.")), unsafe,
               "pickle/global-not-allowed");
  CHECK_REMARK(look(proto(4) + stack_global("posix", "system") + text("id") + "\x85R."), unsafe,
               "pickle/global-not-allowed");
  CHECK_REMARK(look("(S'id'\nios\nsystem\n."), unsafe, "pickle/global-not-allowed");
  CHECK_REMARK(look("(cos\nsystem\nS'id'\no."), unsafe, "pickle/global-not-allowed");
  CHECK_REMARK(look(proto(2) + global("os", "system") + ")\x81."), unsafe, "pickle/call-not-allowed");
}

TEST_CASE("a gadget that no list of bad names knows is unsafe all the same") {
  for (const auto* module :
       {"pip", "pip._internal.cli.main", "timeit", "idlelib.pyshell", "torch.utils.collect_env", "some.package"})
    CHECK_REMARK(look(proto(4) + stack_global(module, "main") + ")R."), unsafe, "pickle/global-not-allowed");
}

TEST_CASE("a listed name in another module, a submodule or another spelling is not listed") {
  for (const auto& [module, name] : std::vector<std::pair<std::string, std::string>>{{"numpy.evil", "dtype"},
                                                                                     {"numpy", "dtype "},
                                                                                     {"numpy\r", "dtype"},
                                                                                     {"Numpy", "dtype"},
                                                                                     {"", "dtype"},
                                                                                     {"numpy", ""}})
    CHECK_REMARK(look(proto(2) + global(module, name) + "."), unsafe, "pickle/global-not-allowed");
  // Python 2's name for builtins, where Python 3 does not map it.
  CHECK_REMARK(look(proto(4) + stack_global("__builtin__", "set") + "."), unsafe, "pickle/global-not-allowed");
  CHECK_CLEAN(look(proto(2) + global("__builtin__", "set") + "(]tR."));
}

TEST_CASE("a dotted name that climbs out of a listed module is unsafe") {
  CHECK_REMARK(look(proto(4) + stack_global("numpy", "ndarray.__init_subclass__") + "."), unsafe, "pickle/dotted-name");
  CHECK_REMARK(look(proto(4) + stack_global("collections", "OrderedDict.fromkeys.__globals__") + "."), unsafe,
               "pickle/dotted-name");
}

TEST_CASE("extension codes are unsafe") {
  CHECK_REMARK(look(proto(2) + "\x82\x01."), unsafe, "pickle/extension");
  CHECK_REMARK(look(proto(2) + "\x83\x01\x02."), unsafe, "pickle/extension");
  CHECK_REMARK(look(proto(2) + "\x84" + little(7, 4) + "."), unsafe, "pickle/extension");
}

TEST_CASE("a call whose result is thrown away still counts") {
  CHECK_REMARK(look(payload() + "0N."), unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look("(" + payload() + "1N."), unsafe, "pickle/call-not-allowed");
}

TEST_CASE("the payload counts when the stream breaks after it") {
  for (const auto* rest : {"", "\xff\xff", "X", "0000"}) {
    const auto looked = look(proto(2) + payload() + rest);
    CHECK_REMARK(looked, unsafe, "pickle/call-not-allowed");
  }
}

TEST_CASE("a name taken from the memo is the name that Python would see") {
  // MEMOIZE and PUT number their entries differently from what a linear reader thinks: entry 0 is overwritten.
  const auto hidden = proto(4) + text("os") + "\x94" + text("numpy") + "0" + "q" + little(1, 1) + "0" + text("system") +
                      "\x94" + "0" + "h" + little(0, 1) + "h" + little(2, 1) + "\x93.";
  const auto looked = look(hidden);
  INFO(looked.told());
  CHECK(looked.level() == Level::unsafe);
  const auto swapped = proto(4) + text("numpy") + "q" + little(9, 1) + "0" + text("os") + "q" + little(9, 1) + "0h" +
                       little(9, 1) + text("dtype") + "\x93.";
  CHECK_REMARK(look(swapped), unsafe, "pickle/global-not-allowed");
}

TEST_CASE("a memo entry that was never written is unsafe") {
  CHECK_REMARK(look("h\x07."s), unsafe, "pickle/memo");
  CHECK_REMARK(look("g7\n."), unsafe, "pickle/memo");
  CHECK_REMARK(look("Np0\n0g00x\n."), unsafe, "pickle/memo");
}

TEST_CASE("names that are no texts, and calls of what is no global, are unsafe") {
  CHECK_REMARK(look(proto(4) + "K\x01" + text("system") + "\x93."), unsafe, "pickle/unresolved-global");
  CHECK_REMARK(look(proto(4) + text("x") + ")R."), unsafe, "pickle/call-target");
  CHECK_REMARK(look(proto(2) + global("collections", "OrderedDict") + "]R."), unsafe, "pickle/call-target");
}

TEST_CASE("state, items and members go only where they belong") {
  // A class is changed for the whole process.
  CHECK_REMARK(look(proto(2) + global("sklearn.pipeline", "Pipeline") + "}b."), unsafe, "pickle/build-target");
  CHECK_REMARK(look(proto(2) + "]}b."), unsafe, "pickle/build-target");
  CHECK_REMARK(look(proto(2) + "]K\x00K\x01s."s), unsafe, "pickle/setitem-target");
  CHECK_REMARK(look(proto(2) + "](K\x00K\x01u."s), unsafe, "pickle/setitem-target");
  CHECK_REMARK(look(proto(2) + "}K\x00"
                               "a."s),
               unsafe, "pickle/append-target");
  CHECK_REMARK(look(proto(2) + ")(K\x01"
                               "e."),
               unsafe, "pickle/append-target");
  CHECK_REMARK(look(proto(4) + "](K\x01\x90."), unsafe, "pickle/additems-target");
}

TEST_CASE("a listed function is called only with what its rule admits") {
  const auto reconstruct = global("numpy.core.multiarray", "_reconstruct");
  CHECK_CLEAN(look(proto(2) + reconstruct + global("numpy", "ndarray") + "K\x00\x85"s + "U\x01" + "b\x87R."s));
  CHECK_REMARK(
      look(proto(2) + reconstruct + global("sklearn.pipeline", "Pipeline") + "K\x00\x85"s + "U\x01" + "b\x87R."s),
      unsafe, "pickle/arguments-not-allowed");
  CHECK_REMARK(look(proto(2) + global("_codecs", "encode") + "U\x01xU\x0a" + "zlib_codec\x86R."), unsafe,
               "pickle/arguments-not-allowed");
  CHECK_REMARK(look(proto(2) + global("copy_reg", "_reconstructor") + global("sklearn.pipeline", "Pipeline") +
                    global("__builtin__", "list") + "N\x87R."),
               unsafe, "pickle/arguments-not-allowed");
  // The second argument is called with the first.
  CHECK_REMARK(look(proto(4) + stack_global("numpy.random._pickle", "__randomstate_ctor") + text("MT19937") +
                    stack_global("builtins", "set") + "\x86R."),
               unsafe, "pickle/arguments-not-allowed");
  CHECK_REMARK(look(proto(2) + global("collections", "defaultdict") + global("numpy", "mean") + "\x85R."), unsafe,
               "pickle/arguments-not-allowed");
  // Listed as a value, not to be called.
  CHECK_REMARK(look(proto(2) + global("numpy", "log1p") + "K\x01\x85R."), unsafe, "pickle/call-not-allowed");
}

TEST_CASE("arguments too many to be seen are not admitted") {
  auto bytes = proto(2) + global("numpy.core.multiarray", "_reconstruct") + "(" + global("numpy", "ndarray");
  for (int i = 0; i < 20; ++i) bytes += "N";
  CHECK_REMARK(look(bytes + "tR."), unsafe, "pickle/arguments-not-allowed");
}

TEST_CASE("opcodes that cross their frame, and frames inside frames, are unsafe") {
  CHECK_REMARK(look(proto(4) + "\x95" + little(2, 8) + text("abc") + "."), unsafe, "pickle/frame");
  CHECK_REMARK(look(proto(4) + framed("\x95" + little(2, 8) + "N.")), unsafe, "pickle/frame");
  CHECK_REMARK(look(proto(4) + framed("N.N.")), unsafe, "pickle/frame");
  CHECK_REMARK(look(proto(4) + "\x95" + little(1'000'000, 8) + "N."), unknown, "pickle/broken");
}

TEST_CASE("every stream of a file is looked at, and what follows is explained or not clean") {
  CHECK_REMARK(look(proto(2) + "N." + proto(2) + payload() + "."), unsafe, "pickle/call-not-allowed");
  CHECK_REMARK(look(proto(2) + "N." + proto(2) + "N."), warn, "pickle/several-streams");
  CHECK_REMARK(look(proto(2) + "N.\xff\xff"), unknown, "pickle/broken");
  CHECK_REMARK(look(proto(2) + "N." + std::string(64, '\0')), unknown, "pickle/broken");
}

TEST_CASE("the memo of one stream is not the next one's") {
  CHECK_REMARK(look(proto(2) + "Nq\x01." + proto(2) + "h\x01."), unsafe, "pickle/memo");
}

TEST_CASE("a pickle inside a bytes value is for a person to decide") {
  const auto inner = proto(2) + payload() + ".";
  CHECK_REMARK(look(proto(3) + "C" + little(inner.size(), 1) + inner + "."), warn, "pickle/nested-pickle");
}

TEST_CASE("persistent ids and outside buffers mean that the file is not all there is") {
  CHECK_REMARK(look("Panything\n."), unsafe, "pickle/persistent-id");
  CHECK_REMARK(look(proto(2) + "K\x01Q."), unsafe, "pickle/persistent-id");
  CHECK_REMARK(look(proto(5) + "\x97."), unknown, "pickle/outside-buffer");
}

TEST_CASE("a stack that runs dry and marks that are missing are unsafe") {
  for (const auto* bytes : {"\x80\x02.", "\x80\x02R.", "\x80\x02t.", "\x80\x02(.", "\x80\x02N(0a.", "\x80\x02\x85.",
                            "\x80\x02o.", "\x80\x02(o.", "\x80\x02}(K\x01u."})
    CHECK_REMARK(look(bytes), unsafe, "pickle/stack");
}

TEST_CASE("escapes of protocol 0 are read as Python reads them") {
  CHECK_REMARK(look("S'o\\x73'\nS'sys\\164em'\n\x93."), unsafe, "pickle/global-not-allowed");
  const auto looked = look("Vo\\u0073\nVsystem\n\x93(S'id'\ntR.");
  CHECK_REMARK(looked, unsafe, "pickle/global-not-allowed");
  CHECK(looked.report.remarks.front().observed == "`os.system` is imported");
  CHECK_REMARK(look("S'open\n."), unknown, "pickle/broken");
}

TEST_CASE("budgets end a hostile pickle as unknown, in bounded memory") {
  CHECK_REMARK(look(proto(2) + std::string(1'100'000, 'N') + "."), unknown, "pickle/budget");
  CHECK_REMARK(look(proto(2) + std::string(1'100'000, '(') + "."), unknown, "pickle/budget");
  CHECK_REMARK(look(proto(2) + "Nr" + little(0x7fffffff, 4) + "."), unknown, "pickle/budget");
  CHECK_REMARK(look(proto(4) + "N\x8d" + little(std::uint64_t{1} << 62, 8) + "x."), unknown, "pickle/broken");
}

TEST_CASE("a text that pushes more values than the budget before its payload is not taken for plain text") {
  CHECK_REMARK(look(std::string(1'100'000, 'N') + payload() + ".", "notes.txt"), unsafe, "pickle/polyglot");
}

TEST_CASE("one stream is remarked upon a bounded number of times") {
  std::string bytes = proto(2);
  for (int i = 0; i < 10'000; ++i) bytes += global("os", "system") + "0";
  CHECK(look(bytes + "N.").report.remarks.size() <= 60);
}

TEST_CASE("what an operator allows may be named and called, and nothing else") {
  security::ScanRules rules;
  rules.allow.allow("our.features", "Scaler");
  CHECK_CLEAN(look(proto(4) + stack_global("our.features", "Scaler") + ")\x81}b.", "model.pkl", rules));
  CHECK_REMARK(look(proto(4) + stack_global("our.features", "load") + ")R.", "model.pkl", rules), unsafe,
               "pickle/global-not-allowed");
}
