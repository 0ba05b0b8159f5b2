// math/balls.h -- FLINT's arithmetic of real and complex balls (numbers with a proven error bound).
// Until FLINT 3 its headers lay elsewhere.
#pragma once

#if __has_include(<flint/acb.h>)
#include <flint/acb.h>
#include <flint/arb.h>
#else
#include <acb.h>
#include <arb.h>
#endif
