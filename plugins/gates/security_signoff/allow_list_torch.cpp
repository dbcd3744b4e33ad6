// The globals that PyTorch itself accepts in torch.load(weights_only=True), without those that take a callable.
#include "plugins/gates/security_signoff/allow_list.hpp"

namespace penstock::gates::security {
namespace {

constexpr AllowedGroup groups[] = {
    {"torch", use_call | use_type, Arguments::any, "Size device"},
    {"torch", use_type, Arguments::any, "Tensor"},
    {"torch", use_value, Arguments::any,
     "float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 short int long uint8 uint16 uint32 "
     "uint64 "
     "bool complex32 complex64 complex128 float8_e4m3fn float8_e5m2 strided per_tensor_affine per_channel_affine"},
    {"torch", use_value, Arguments::any,
     "FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage "
     "ByteStorage "
     "BoolStorage ComplexFloatStorage ComplexDoubleStorage UntypedStorage"},
    {"torch.storage", use_value, Arguments::any, "UntypedStorage TypedStorage"},
    {"torch.nn.parameter", use_type, Arguments::any, "Parameter"},
    {"torch.serialization", use_call, Arguments::any, "_get_layout"},
    {"torch._utils", use_call | use_build, Arguments::any,
     "_rebuild_parameter _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_qtensor "
     "_rebuild_sparse_tensor"},
};

}  // namespace

std::span<const AllowedGroup> allowed_torch() { return groups; }

}  // namespace penstock::gates::security
