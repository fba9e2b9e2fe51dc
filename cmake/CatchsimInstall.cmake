# Programs, libraries and headers, and a package that `find_package(catchsim)` understands.
include(CMakePackageConfigHelpers)
get_property(floors GLOBAL PROPERTY CATCHSIM_FLOORS)
get_property(programs GLOBAL PROPERTY CATCHSIM_PROGRAMS)
install(TARGETS ${floors} ${programs} catchsim_hdf5 EXPORT catchsim-targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/catchsim)
install(DIRECTORY src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/catchsim FILES_MATCHING PATTERN "*.h")
install(DIRECTORY kernels DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/catchsim
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY inputs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/catchsim)
install(EXPORT catchsim-targets NAMESPACE catchsim::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/catchsim)
configure_package_config_file(cmake/catchsim-config.cmake.in catchsim-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/catchsim)
write_basic_package_version_file(catchsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/catchsim-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/catchsim-config-version.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/catchsim)
