// tests/support/expect_error.h -- a call that must throw, and what its message must say.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace stratagram {

/// Fails the test unless `call` throws an Error of this kind whose message holds `what`.
template <typename Call>
void expect_error(Call&& call, ErrorKind kind, const std::string& what) {
  try {
    call();
    ADD_FAILURE() << "wanted an error that says: " << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(error.what(), ::testing::HasSubstr(what));
  }
}

}  // namespace stratagram
