// The one place that compiles Boost.Beast; everything else sees its declarations only.
#include <boost/beast/src.hpp>
