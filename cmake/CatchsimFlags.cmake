# One set of flags for everything of ours, as an interface target.
# The same bits everywhere: no -ffast-math, no contraction of a*b+c but where fma() is written.
add_library(catchsim_flags INTERFACE)
target_compile_definitions(catchsim_flags INTERFACE _GNU_SOURCE)
target_compile_options(catchsim_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion
  -Wsign-conversion -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla -Walloca
  -ffp-contract=off -fno-math-errno)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # messages are cut to the length of their record on purpose
  target_compile_options(catchsim_flags INTERFACE -Wno-format-truncation)
endif()
if(WIN32)
  # mingw-w64: its printf knows %zu but its checks do not, its isnan() warns of its own float branch,
  # its write() takes an unsigned; OpenMP is not used there
  target_compile_options(catchsim_flags INTERFACE
    -Wno-format -Wno-conversion -Wno-float-conversion -Wno-unknown-pragmas)
endif()
target_include_directories(catchsim_flags INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>")
if(CATCHSIM_WARNINGS_AS_ERRORS)
  target_compile_options(catchsim_flags INTERFACE -Werror)
endif()
if(CATCHSIM_SANITIZE)
  target_compile_options(catchsim_flags INTERFACE
    -fsanitize=${CATCHSIM_SANITIZE} -fno-omit-frame-pointer)
  if(CATCHSIM_SANITIZE MATCHES "undefined")
    target_compile_options(catchsim_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
  target_link_options(catchsim_flags INTERFACE -fsanitize=${CATCHSIM_SANITIZE})
endif()
if(CATCHSIM_FUZZ)
  target_compile_options(catchsim_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_compile_definitions(catchsim_flags INTERFACE CS_LIBFUZZER)
endif()
if(CATCHSIM_COVERAGE)
  target_compile_options(catchsim_flags INTERFACE --coverage)
  target_link_options(catchsim_flags INTERFACE --coverage)
endif()
