// Python's own harmless constructors, numpy's and scipy's. Module names are given as every numpy from 1.17 to 2.x
// writes them.
#include "plugins/gates/security_signoff/allow_list.hpp"

namespace penstock::gates::security {
namespace {

constexpr unsigned object_like = use_make | use_build | use_type;

constexpr AllowedGroup groups[] = {
    {"builtins", use_call, Arguments::any, "set frozenset complex slice range"},
    {"builtins", use_type | use_plain, Arguments::any, "str int float bool"},
    {"builtins", use_type, Arguments::any, "bytes bytearray list dict tuple set frozenset complex"},
    {"builtins", use_value, Arguments::any, "object"},
    {"collections", use_call | use_make | use_build | use_set_item | use_type, Arguments::any, "OrderedDict Counter"},
    {"collections", use_call | use_make | use_build | use_set_item, Arguments::factory, "defaultdict"},
    {"collections", use_call | use_make | use_build | use_append, Arguments::any, "deque"},
    {"copyreg", use_call, Arguments::reconstructor, "_reconstructor"},
    {"_codecs", use_call, Arguments::codec, "encode"},
    {"datetime", use_call, Arguments::any, "date datetime time timedelta timezone"},
    {"decimal", use_call, Arguments::any, "Decimal"},

    {"numpy", use_call | use_build | use_type, Arguments::any, "dtype"},
    {"numpy", use_type, Arguments::any, "ndarray"},
    {"numpy", use_type | use_plain, Arguments::any,
     "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc longlong ulonglong float16 float32 "
     "float64 longdouble complex64 complex128 str_ bytes_ datetime64 timedelta64"},
    {"numpy.core.multiarray", use_call | use_build, Arguments::array_type, "_reconstruct"},
    {"numpy._core.multiarray", use_call | use_build, Arguments::array_type, "_reconstruct"},
    {"numpy.core.multiarray", use_call, Arguments::any, "scalar"},
    {"numpy._core.multiarray", use_call, Arguments::any, "scalar"},
    {"numpy.core.numeric", use_call, Arguments::any, "_frombuffer"},
    {"numpy._core.numeric", use_call, Arguments::any, "_frombuffer"},
    {"numpy.ma", use_type, Arguments::any, "MaskedArray"},
    {"numpy.ma.core", use_type, Arguments::any, "MaskedArray"},
    {"numpy.ma.core", use_call | use_build, Arguments::all_are_types, "_mareconstruct"},
    // Functions of arrays, named as a transformer's or a kernel's parameter.
    {"numpy", use_value, Arguments::any,
     "abs absolute sqrt square cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan tanh sign negative reciprocal rint "
     "floor ceil maximum minimum mean median sum min max amin amax std var"},
    {"scipy._lib.array_api_compat.numpy._aliases", use_value, Arguments::any, "asarray"},

    {"numpy.random._pickle", use_call | use_build, Arguments::constructor,
     "__bit_generator_ctor __generator_ctor __randomstate_ctor"},
    {"numpy.random.bit_generator", use_call | use_build, Arguments::first_is_type, "__pyx_unpickle_SeedSequence"},
    {"numpy.random.bit_generator", object_like, Arguments::any, "SeedSequence"},
    {"numpy.random._mt19937", object_like, Arguments::any, "MT19937"},
    {"numpy.random._pcg64", object_like, Arguments::any, "PCG64 PCG64DXSM"},
    {"numpy.random._philox", object_like, Arguments::any, "Philox"},
    {"numpy.random._sfc64", object_like, Arguments::any, "SFC64"},

    {"scipy.sparse._csr", object_like, Arguments::any, "csr_matrix csr_array"},
    {"scipy.sparse._csc", object_like, Arguments::any, "csc_matrix csc_array"},
    {"scipy.sparse._coo", object_like, Arguments::any, "coo_matrix coo_array"},
    {"scipy.sparse._dia", object_like, Arguments::any, "dia_matrix dia_array"},
    {"scipy.sparse._lil", object_like, Arguments::any, "lil_matrix lil_array"},
    {"scipy.sparse._dok", object_like | use_set_item, Arguments::any, "dok_matrix dok_array"},
    {"scipy.sparse._bsr", object_like, Arguments::any, "bsr_matrix bsr_array"},
    {"scipy.sparse.csr", object_like, Arguments::any, "csr_matrix"},
    {"scipy.sparse.csc", object_like, Arguments::any, "csc_matrix"},
    {"scipy.sparse.dia", object_like, Arguments::any, "dia_matrix"},
    {"scipy.interpolate._bsplines", object_like, Arguments::any, "BSpline"},
    {"scipy.interpolate._interpolate", object_like, Arguments::any, "interp1d"},
};

}  // namespace

std::span<const AllowedGroup> allowed_basics() { return groups; }

}  // namespace penstock::gates::security
