// bench/run_main.h -- the frame of a bench's main.
#pragma once

#include <exception>
#include <iostream>

namespace stratagram::bench {

/// What `run` returns; 1, with the message on stderr, where it throws: a bench that cannot verify
/// its results prints no figures.
inline int run_main(int (*run)(int, char**), int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}

}  // namespace stratagram::bench
