# Mandatory: OpenMP, MPI, HDF5, libxml2, libdeflate, xxHash. Everything else belongs to one purpose
# and is optional; CatchsimSummary tells what was found.
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(MPI REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(Threads REQUIRED)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)

pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash) # checksums of journals, content ids
# FLINT, for integers of more than 64 bits in factorize. Debian 12's has no file for pkg-config.
option(CATCHSIM_FLINT "Use FLINT where it is found" ON)
if(CATCHSIM_FLINT)
  find_path(FLINT_HEADERS flint/fmpz_factor.h)
  find_library(FLINT_LIBRARY flint)
  find_library(GMP_LIBRARY gmp)
  if(FLINT_HEADERS AND FLINT_LIBRARY AND GMP_LIBRARY)
    set(FLINT_FOUND 1)
  endif()
endif()
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)    # unit tests

if(NOT TARGET catchsim_hdf5)
  add_library(catchsim_hdf5 INTERFACE)
  target_include_directories(catchsim_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
  target_link_libraries(catchsim_hdf5 INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES})
  target_compile_definitions(catchsim_hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
endif()
