# catchmodel without the rest of the suite: a C compiler is all it needs. This is how it is built for
# Windows (cmake/mingw-w64.cmake, scripts/build-windows-catchmodel).
file(GLOB layout_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/layout/*.c")
set(sources drivers/catchmodel.c ${layout_sources}
  src/base/error.c src/base/log.c src/base/memory.c src/base/status.c src/base/streams.c
  src/text/decimal.c src/text/file.c src/text/format.c src/text/mark.c src/text/number.c
  src/text/table.c src/text/xml.c
  kernels/substance/components.c kernels/substance/components_invalid.c)
add_executable(catchmodel ${sources})
target_link_libraries(catchmodel PRIVATE catchsim_flags m)
target_compile_definitions(catchmodel PRIVATE CS_VERSION="${PROJECT_VERSION}")
install(TARGETS catchmodel)
