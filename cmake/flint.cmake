# flint::flint -- exact and ball arithmetic. Until FLINT 3 the balls were a library of their own,
# which Debian calls flint-arb.
find_path(FLINT_INCLUDE_DIR flint/fmpq.h REQUIRED)
find_library(FLINT_LIBRARY flint REQUIRED)
find_library(FLINT_ARB_LIBRARY NAMES flint-arb arb)
find_library(GMP_LIBRARY gmp REQUIRED)
add_library(flint_flint INTERFACE)
add_library(flint::flint ALIAS flint_flint)
target_include_directories(flint_flint SYSTEM INTERFACE ${FLINT_INCLUDE_DIR})
target_link_libraries(flint_flint INTERFACE $<$<BOOL:${FLINT_ARB_LIBRARY}>:${FLINT_ARB_LIBRARY}>
                                            ${FLINT_LIBRARY} ${GMP_LIBRARY})
