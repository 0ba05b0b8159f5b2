# stratagram_embed(TARGET FILE)
#
# Makes the text of FILE an expression of type const char* that sources of TARGET include by the name
# FILE with '.' as '_', and ".inc": style sheets stay files that editors and browsers know.
function(stratagram_embed target file)
  string(REPLACE "." "_" name ${file})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  file(CONFIGURE OUTPUT ${folder}/${name}.inc CONTENT "R\"embedded(@text@)embedded\"\n" @ONLY)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
