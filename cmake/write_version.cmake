# cmake -DSOURCE=... -DOUT=... -DVERSION=... -P write_version.cmake
# Runs at every build and writes OUT only when it would change, so that one file recompiles.
execute_process(COMMAND git describe --always --abbrev=40 --dirty --exclude=*
                WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit RESULT_VARIABLE result
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT result EQUAL 0)
  set(commit unknown)
endif()
string(CONCAT text "constexpr const char* kVersion = \"${VERSION}\";\n"
                   "constexpr const char* kGitCommit = \"${commit}\";\n")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
