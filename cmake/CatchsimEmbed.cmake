# catchsim_embed(OUT FILE SYMBOL): writes OUT, a C file that holds FILE as `const char SYMBOL[]`,
# so that a program needs no data folder at run time. Regenerated when FILE changes.
function(catchsim_embed out file symbol)
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${out} -DSYMBOL=${symbol}
            -P "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake"
    DEPENDS "${file}" "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake" VERBATIM)
endfunction()
