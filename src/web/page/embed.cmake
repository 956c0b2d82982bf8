# cmake -DPAGE=DIRECTORY -DOUTPUT=FILE.cpp [-DDOCUMENT=FILE.html] -P embed.cmake: joins the files of the live page into one
# document and writes it as a C++ source, with the Content-Security-Policy that allows just what is in it.
#
# The modules are joined in the order of their dependencies, without import and export, as a bundler would do. All share one
# scope, so that each name may be declared in one module only, and import ... as and export default are not supported; both
# are checked here.
cmake_minimum_required(VERSION 3.25)

set(modules format families history api connection dom chart model/gpu model/array model/storage model/host model/headline
            model/collectors model/view tiles/parts tiles/gpu tiles/array tiles/storage tiles/host tiles/headline sections
            main)

# without_indentation(TEXT): lines without leading blanks and without comments of whole lines.
function(without_indentation variable)
  string(REGEX REPLACE "\n[ \n]+" "\n" text "\n${${variable}}")
  string(REGEX REPLACE "\n//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "/\\*[^*]*\\*/" "" text "${text}")
  string(STRIP "${text}" text)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(script "")
foreach(module IN LISTS modules)
  file(READ "${PAGE}/${module}.js" text)
  if(text MATCHES "import {[^}]* as ")
    message(FATAL_ERROR "${module}.js: an imported name cannot be changed")
  endif()
  string(REGEX REPLACE "\nimport [^;]*;" "" text "\n${text}")
  string(REGEX REPLACE "\nexport (async |function |class |const )" "\n\\1" text "${text}")
  if(text MATCHES "\n(import|export) ")
    message(FATAL_ERROR "${module}.js: only import { names } and export of a declaration can be embedded")
  endif()
  string(REGEX MATCHALL "\n(async )?(function|class|const|let) [A-Za-z_0-9]+" declarations "${text}")
  foreach(declaration IN LISTS declarations)
    string(REGEX REPLACE ".* " "" name "${declaration}")
    if(name IN_LIST declared)
      message(FATAL_ERROR "${module}.js: ${name} is declared in another module, too")
    endif()
    list(APPEND declared ${name})
  endforeach()
  without_indentation(text)
  string(APPEND script "\n${text}")
endforeach()
string(APPEND script "\n")
if(script MATCHES "</script")
  message(FATAL_ERROR "a module contains </script")
endif()
file(READ "${PAGE}/style.css" style)
without_indentation(style)
string(APPEND style "\n")

file(READ "${PAGE}/icon.svg" icon)
string(STRIP "${icon}" icon)
foreach(pair "\n| " "\"|'" "#|%23" "<|%3C" ">|%3E")
  string(REGEX MATCH "^(.)[|](.*)$" ignored "${pair}")
  string(REPLACE "${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}" icon "${icon}")
endforeach()

# base64_of_hex(HEX VARIABLE): of 32 bytes, which are ten groups of 3 bytes and one of 2.
function(base64_of_hex hex variable)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  set(result "")
  foreach(start RANGE 0 60 6)
    string(SUBSTRING "${hex}00" ${start} 6 group)
    foreach(shift 18 12 6 0)
      math(EXPR digit "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${digit} 1 character)
      string(APPEND result ${character})
    endforeach()
  endforeach()
  string(SUBSTRING "${result}" 0 43 result)
  set(${variable} "${result}=" PARENT_SCOPE)
endfunction()

string(SHA256 script_hash "${script}")
string(SHA256 style_hash "${style}")
base64_of_hex(${script_hash} script_hash)
base64_of_hex(${style_hash} style_hash)
string(CONCAT policy "default-src 'none'; script-src 'sha256-${script_hash}'; style-src 'sha256-${style_hash}'; "
                     "connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")

file(READ "${PAGE}/index.html" document)
string(REGEX REPLACE "\n[ ]+" "\n" document "${document}")
string(REPLACE "@ICON@" "data:image/svg+xml,${icon}" document "${document}")
string(REPLACE "<style>\n/* style.css */\n</style>" "<style>${style}</style>" document "${document}")
string(REPLACE "<script type=\"module\">\n/* main.js and what it imports */\n</script>" "<script type=\"module\">${script}</script>"
               document "${document}")
if(document MATCHES "@ICON@|/\\* ")
  message(FATAL_ERROR "index.html lacks a place for the icon, the style or the script")
endif()
if(DOCUMENT)
  file(WRITE "${DOCUMENT}" "${document}")
  file(WRITE "${DOCUMENT}.policy" "${policy}")
endif()

file(WRITE "${OUTPUT}.txt" "${document}")
file(READ "${OUTPUT}.txt" bytes HEX)
file(REMOVE "${OUTPUT}.txt")
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}"
     "#include \"web/live_page_document.h\"\n\nnamespace rig {\nnamespace {\n\n"
     "constexpr unsigned char kBytes[] = {\n${bytes}};\n\n}  // namespace\n\n"
     "std::string_view live_page_document() {\n"
     "  return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)};\n}\n\n"
     "std::string_view live_page_policy() {\n  return \"${policy}\";\n}\n\n}  // namespace rig\n")
