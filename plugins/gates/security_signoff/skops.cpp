#include "plugins/gates/security_signoff/skops.hpp"

#include <algorithm>

#include "plugins/gates/security_signoff/json_document.hpp"

namespace penstock::gates::security {
namespace {

using nlohmann::json;

constexpr std::size_t max_schema = std::size_t{64} << 20;
constexpr int max_json_depth = 1000;
constexpr int max_remarks = 50;

// Loaders that make exactly one type, or one of few.
struct PlainLoader {
  const char* loader;
  const char* types;  // "module name;module name"
};
constexpr PlainLoader plain_loaders[] = {
    {"DictNode", "builtins dict;collections OrderedDict;sklearn.utils._bunch Bunch;sklearn.utils Bunch"},
    {"DefaultDictNode", "collections defaultdict"},
    {"ListNode", "builtins list"},
    {"SetNode", "builtins set"},
    {"TupleNode", "builtins tuple"},
    {"JsonNode", "builtins str"},
    {"BytesNode", "builtins bytes"},
    {"BytearrayNode", "builtins bytearray"},
    {"SliceNode", "builtins slice"},
    {"DTypeNode", "numpy dtype"},
    {"MaskedArrayNode", "numpy.ma MaskedArray;numpy.ma.core MaskedArray"},
    {"RandomStateNode", "numpy.random.mtrand RandomState"},
    {"RandomGeneratorNode", "numpy.random._generator Generator"},
    {"PartialNode", "functools partial"},
    {"TreeNode", "sklearn.tree._tree Tree"},
};

class Schema {
 public:
  Schema(Scan& scan, const std::string& where) : scan_(scan), where_(where) {}

  void check_root(const json& root) {
    const auto protocol = root.value("protocol", json());
    if (!protocol.is_number_unsigned() || protocol.get<std::uint64_t>() > 2) {
      remark(Level::unknown, "skops/protocol", "protocol " + printable(protocol.dump()), "protocol 0, 1 or 2");
      return;
    }
    check(root, true);
  }
  std::set<std::string> take_files() { return std::move(files_); }

 private:
  void remark(Level level, const char* rule, std::string observed, std::string needed) {
    if (++remarks_ <= max_remarks) scan_.remark(level, rule, where_, std::move(observed), std::move(needed));
  }
  void not_understood(const std::string& loader, const std::string& what) {
    remark(Level::unknown, "skops/not-understood", "a " + printable(loader) + " " + what, "nodes as skops writes them");
  }
  void not_allowed(const std::string& loader, const std::string& type) {
    remark(Level::unsafe, "skops/type-not-allowed", "a " + printable(loader) + " of `" + printable(type) + "`",
           "a type on the allow-list, or let an operator list it in `allow`");
  }

  static std::string text(const json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
  }

  // Besides what every node has, exactly these keys; a key that no loader reads could be read by another version.
  bool has_keys(const json& node, bool is_root, std::initializer_list<const char*> required,
                std::initializer_list<const char*> optional = {}) {
    std::set<std::string> known{"__class__", "__module__", "__loader__", "__id__"};
    if (is_root) known.insert({"protocol", "_skops_version"});
    known.insert(required.begin(), required.end());
    known.insert(optional.begin(), optional.end());
    for (const auto& [key, value] : node.items())
      if (!known.count(key)) return not_understood(text(node, "__loader__"), "with the key " + printable(key)), false;
    for (const auto* key : required)
      if (!node.contains(key))
        return not_understood(text(node, "__loader__"), std::string("without the key ") + key), false;
    return true;
  }

  void check(const json& node, bool is_root = false) {
    if (!node.is_object()) return not_understood("node", "that is no object");
    const auto loader = text(node, "__loader__");
    const auto module = text(node, "__module__");
    const auto name = text(node, "__class__");
    if (loader == "CachedNode") {
      has_keys(node, is_root, {"__id__"});
    } else if (!check_plain(node, is_root, loader, module + " " + name)) {
      check_listed(node, is_root, loader, module, name);
    }
  }
  void check_all(const json& nodes) {
    if (!nodes.is_array() && !nodes.is_object()) return not_understood("node", "whose content is no collection");
    for (const auto& node : nodes) check(node);
  }
  void check_members(const json& content, std::initializer_list<const char*> keys) {
    if (!content.is_object() || content.size() != keys.size())
      return not_understood("node", "with other parts than expected");
    for (const auto* key : keys) {
      if (!content.contains(key)) return not_understood("node", std::string("without the part ") + key);
      check(content[key]);
    }
  }
  void refer_to(const json& file) {
    if (file.is_string()) {
      files_.insert(file.get<std::string>());
    } else {
      not_understood("node", "whose file is no text");
    }
  }

  // False when the loader is none of these.
  bool check_plain(const json& node, bool is_root, const std::string& loader, const std::string& type) {
    const auto* row = std::find_if(std::begin(plain_loaders), std::end(plain_loaders),
                                   [&](const auto& candidate) { return loader == candidate.loader; });
    if (row == std::end(plain_loaders)) return false;
    if ((";" + std::string(row->types) + ";").find(";" + type + ";") == std::string::npos) {
      not_allowed(loader, type);
      return true;
    }
    if (loader == "JsonNode") {
      if (has_keys(node, is_root, {"content"}, {"is_json"}) && !node["content"].is_string())
        not_understood(loader, "whose content is no text");
    } else if (loader == "BytesNode" || loader == "BytearrayNode") {
      if (has_keys(node, is_root, {"file"})) refer_to(node["file"]);
    } else if (loader == "DictNode") {
      if (has_keys(node, is_root, {"content", "key_types"}))
        check_all(node["content"]), check_key_types(node["key_types"]);
    } else if (loader == "TreeNode") {
      check_reduced(node, is_root);
    } else if (has_keys(node, is_root, {"content"})) {
      check_content(loader, node["content"]);
    }
    return true;
  }

  void check_content(const std::string& loader, const json& content) {
    if (loader == "ListNode" || loader == "SetNode" || loader == "TupleNode") return check_all(content);
    if (loader == "DefaultDictNode") return check_members(content, {"main", "default_factory"});
    if (loader == "MaskedArrayNode") return check_members(content, {"data", "mask"});
    if (loader == "PartialNode") return check_members(content, {"func", "args", "kwds", "namespace"});
    if (loader == "RandomGeneratorNode") return check_generator(content);
    if (loader == "SliceNode") {
      const bool is_plain = content.is_object() && std::all_of(content.begin(), content.end(), [](const auto& value) {
                              return value.is_null() || value.is_number_integer();
                            });
      return is_plain ? void() : not_understood(loader, "whose bounds are no numbers");
    }
    check(content);
  }

  // The loader calls numpy.random.<name> with a name out of the data.
  void check_generator(const json& content) {
    static const std::set<std::string> known{"\"MT19937\"", "\"PCG64\"", "\"PCG64DXSM\"", "\"Philox\"", "\"SFC64\""};
    if (!content.is_object() || !content.contains("bit_generator") || !content.contains("seed_seq") ||
        content.size() != 2)
      return not_understood("RandomGeneratorNode", "with other parts than expected");
    const auto at = json::json_pointer("/bit_generator/content/bit_generator/content");
    if (!content.contains(at) || !content[at].is_string() || !known.count(content[at].get<std::string>()))
      return not_allowed("RandomGeneratorNode", "numpy.random, a bit generator that is not known");
    check(content["bit_generator"]);
    check(content["seed_seq"]);
  }

  // Each is called with the key's text.
  void check_key_types(const json& node) {
    if (!node.is_object() || text(node, "__loader__") != "ListNode" || !node.contains("content") ||
        !node["content"].is_array())
      return not_understood("DictNode", "whose key types are no list");
    check(node);
    for (const auto& type : node["content"]) {
      if (!type.is_object()) continue;  // remarked by check()
      const auto loader = text(type, "__loader__");
      if (loader == "CachedNode") continue;
      const auto index = scan_.rules().allow.find(text(type, "__module__"), text(type, "__class__"));
      if (loader != "TypeNode" || index < 0 || (scan_.rules().allow[index].uses & use_plain) == 0)
        not_allowed("key type", text(type, "__module__") + "." + text(type, "__class__"));
    }
  }

  void check_reduced(const json& node, bool is_root) {
    if (!has_keys(node, is_root, {"__reduce__", "content"})) return;
    check(node["content"]);
    check_members(node["__reduce__"], {"args"});
  }

  void check_array(const json& node, bool is_root, const std::string& module, const std::string& name, unsigned uses) {
    const bool is_array = module == "numpy" && name == "ndarray";
    if (!is_array && (uses & use_plain) == 0) return not_allowed("NdArrayNode", module + "." + name);
    if (text(node, "type") == "numpy") {
      if (has_keys(node, is_root, {"type", "file"})) refer_to(node["file"]);
    } else if (text(node, "type") == "json" && is_array) {
      if (has_keys(node, is_root, {"type", "content", "shape"})) check_all(node["content"]), check(node["shape"]);
    } else {
      not_understood("NdArrayNode", "of another type than numpy or json");
    }
  }

  void check_listed(const json& node, bool is_root, const std::string& loader, const std::string& module,
                    const std::string& name) {
    const auto index = scan_.rules().allow.find(module, name);
    const unsigned uses = index < 0 ? 0 : scan_.rules().allow[index].uses;
    const bool is_listed = index >= 0;
    const auto require = [&](bool is_met) {
      if (!is_met) not_allowed(loader, module + "." + name);
    };
    if (loader == "NdArrayNode") {
      check_array(node, is_root, module, name, uses);
    } else if (loader == "ObjectNode") {
      require((uses & use_make) != 0);
      if (has_keys(node, is_root, {}, {"content"}) && node.contains("content")) check(node["content"]);
    } else if (loader == "TypeNode" || loader == "FunctionNode") {
      require(is_listed);
      has_keys(node, is_root, {});
    } else if (loader == "LossNode") {
      require((uses & use_call) != 0 && (uses & use_make) != 0);
      check_reduced(node, is_root);
    } else if (loader == "ConstructorFromReduceNode") {
      require((uses & use_call) != 0 && scan_.rules().allow[index].arguments == Arguments::any);
      if (has_keys(node, is_root, {"content"})) check(node["content"]);
    } else if (loader == "SparseMatrixNode") {
      require((uses & use_make) != 0 && module.rfind("scipy.sparse.", 0) == 0);
      if (has_keys(node, is_root, {"type", "file"})) refer_to(node["file"]);
    } else {
      // MethodNode and OperatorFuncNode read attributes by name; the others are not known.
      remark(Level::unsafe, "skops/loader-not-allowed",
             "the loader " + printable(loader) + " for `" + printable(module + "." + name) + "`",
             "a loader that makes listed types only");
    }
  }

  Scan& scan_;
  const std::string& where_;
  std::set<std::string> files_;
  int remarks_ = 0;
};

}  // namespace

std::set<std::string> scan_skops_schema(Scan& scan, std::string_view schema, const std::string& where) {
  const auto root = schema.size() > max_schema ? std::nullopt : read_json(schema, max_json_depth);
  if (!root || !root->is_object()) {
    scan.remark(Level::unknown, "skops/schema", where,
                "the schema is no JSON object, has a key twice, or exceeds 64 MiB", "a schema as skops writes it");
    return {};
  }
  Schema checked(scan, where);
  checked.check_root(*root);
  return checked.take_files();
}

}  // namespace penstock::gates::security
