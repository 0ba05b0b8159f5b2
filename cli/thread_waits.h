// cli/thread_waits.h -- how long threads that wait for each other keep a core busy.
#pragma once

namespace stratagram::cli {

/// The threads of a product wait for one another by spinning, for milliseconds as libgomp comes.
/// Beside another program that is busy, one thread is off its core while the others spin there for
/// nothing: decoding was seen to take twenty times as long. libgomp reads the length of the wait
/// (GOMP_SPINCOUNT) when it is loaded, so a command that computes starts the program once more with
/// a short one set. Does nothing where OMP_WAIT_POLICY, GOMP_SPINCOUNT or OMP_NUM_THREADS=1 is set,
/// or when that start fails.
///   argv  as main() got it
void keep_waits_short(char** argv);

}  // namespace stratagram::cli
