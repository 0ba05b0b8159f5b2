// core/cpu_clones.h -- one binary, the widest vectors the machine has: STRATAGRAM_CPU_CLONES before
// a function, a template's too, has it compiled for several instruction sets, of which the loader
// takes the best. What it calls must be STRATAGRAM_INLINE to be compiled with it.
#pragma once

// Sanitizers start before the resolver that picks the clone may run, so they get the plain code.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STRATAGRAM_CPU_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STRATAGRAM_CPU_CLONES
#endif
#define STRATAGRAM_INLINE __attribute__((always_inline)) inline
