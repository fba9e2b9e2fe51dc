# catchsim_floor(NAME SOURCES file... USES target...): one folder of the house as a static library,
# alias catchsim::NAME. USES lists what the floor may see: that is the dependency direction.
function(catchsim_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(catchsim_${name} STATIC ${FLOOR_SOURCES})
  add_library(catchsim::${name} ALIAS catchsim_${name})
  target_link_libraries(catchsim_${name}
    PRIVATE $<BUILD_INTERFACE:catchsim_flags> ${FLOOR_PRIVATE} PUBLIC ${FLOOR_USES} m)
  set_target_properties(catchsim_${name} PROPERTIES
    EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
  target_include_directories(catchsim_${name} INTERFACE
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/catchsim>")
  set_property(GLOBAL APPEND PROPERTY CATCHSIM_FLOORS catchsim_${name})
endfunction()
