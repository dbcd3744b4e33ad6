// The one include of Catch2, so that a move to version 3 is a change of this file.
#pragma once

#include <catch2/catch.hpp>
