// Bugs on purpose, at least one for each promise of tests/simulation, which must find them. They are in no build but
// that of the program simulation_planted, which defines PENSTOCK_PLANTED_BUGS for its own copies of the files that have
// them.
#pragma once

#ifdef PENSTOCK_PLANTED_BUGS
namespace penstock {
int planted_bug();  // the one that is to show itself; 0: none
}
#define PENSTOCK_PLANTED(number) (::penstock::planted_bug() == (number))
#else
#define PENSTOCK_PLANTED(number) false
#endif
