# One library, one test program, one bench program per folder; the links between folders are the lines of LAYERS.

file(STRINGS ${CMAKE_SOURCE_DIR}/LAYERS layer_lines REGEX "^[a-z]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/LAYERS)
set(TIDEWHEEL_FOLDERS)
foreach(line IN LISTS layer_lines)
  string(REGEX MATCH "^([a-z0-9_]+):(.*)$" _ "${line}")
  set(folder ${CMAKE_MATCH_1})
  string(STRIP "${CMAKE_MATCH_2}" below)
  string(REPLACE " " ";" TIDEWHEEL_BELOW_${folder} "${below}")
  if(NOT folder STREQUAL "main")
    list(APPEND TIDEWHEEL_FOLDERS ${folder})
  endif()
endforeach()

function(tidewheel_folder folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz|oracle)\\.cpp$|/testing/[a-z0-9_]+_main\\.cpp$")
  set(library tw_${folder})
  if(sources)
    add_library(${library} STATIC ${sources})
    tidewheel_precompiled(${library})
    set(scope PUBLIC)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${library} ${scope} tw_options)
  foreach(below IN LISTS TIDEWHEEL_BELOW_${folder})
    target_link_libraries(${library} ${scope} tw_${below})
  endforeach()
  target_link_libraries(${library} ${scope} ${TIDEWHEEL_EXTERNAL_${folder}})
endfunction()

# The files of `files` become part of the folder's library: see cmake/embed.cmake.
function(tidewheel_embed folder files function header)
  file(GLOB inputs CONFIGURE_DEPENDS ${files}/*)
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
  set(output ${CMAKE_BINARY_DIR}/${folder}_${function}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_SOURCE_DIR}/${files} -DOUTPUT=${output} -DNAMESPACE=${folder}
            -DFUNCTION=${function} -DHEADER=${header} -P ${script}
    DEPENDS ${inputs} ${script}
    COMMENT "Embedding ${files}")
  target_sources(tw_${folder} PRIVATE ${output})
endfunction()

# The folder's library knows the commit that it is built from: see cmake/commit.cmake.
function(tidewheel_commit folder)
  set(script ${CMAKE_SOURCE_DIR}/cmake/commit.cmake)
  set(output ${CMAKE_BINARY_DIR}/${folder}_commit.cpp)
  add_custom_target(${folder}_commit
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${output} -P ${script}
    BYPRODUCTS ${output}
    COMMENT "Asking for the commit")
  target_sources(tw_${folder} PRIVATE ${output})
  add_dependencies(tw_${folder} ${folder}_commit)
endfunction()

function(tidewheel_tests folder)
  find_package(GTest REQUIRED)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  if(tests)
    add_executable(${folder}_tests ${tests})
    tidewheel_precompiled(${folder}_tests)
    target_link_libraries(${folder}_tests PRIVATE tw_${folder} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${folder}_tests PRIVATE TIDEWHEEL_SOURCE="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${folder} COMMAND ${folder}_tests WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${folder} PROPERTIES TIMEOUT 600)
    add_dependencies(unit_tests ${folder}_tests)
    tidewheel_test_programs(${folder})
  endif()

  # testing/x_oracle.cpp: what a library that the program does not have says of the same; for the
  # fuzzers of the folder.
  file(GLOB oracles CONFIGURE_DEPENDS ${folder}/testing/*_oracle.cpp)
  if(oracles)
    find_library(PROTOBUF protobuf REQUIRED)
    add_library(tw_${folder}_oracles STATIC EXCLUDE_FROM_ALL ${oracles})
    target_link_libraries(tw_${folder}_oracles PUBLIC tw_${folder} ${PROTOBUF})
  endif()

  # x_fuzz.cpp: with TIDEWHEEL_FUZZ a libFuzzer program; otherwise a test that replays its seeds.
  file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS ${folder}/*_fuzz.cpp)
  foreach(source IN LISTS fuzzers)
    get_filename_component(name ${source} NAME_WE)
    set(target ${folder}_${name})
    add_executable(${target} ${source})
    target_link_libraries(${target} PRIVATE tw_${folder})
    if(oracles)
      target_link_libraries(${target} PRIVATE tw_${folder}_oracles)
    endif()
    if(TIDEWHEEL_FUZZ)
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    else()
      target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz_replay.cpp)
      add_test(NAME ${target} COMMAND ${target} ${CMAKE_SOURCE_DIR}/${folder}/testdata/${name})
      set_tests_properties(${target} PROPERTIES TIMEOUT 120)
      add_dependencies(unit_tests ${target})
    endif()
  endforeach()

  file(GLOB_RECURSE benches CONFIGURE_DEPENDS ${folder}/*_bench.cpp)
  if(benches AND NOT TIDEWHEEL_SANITIZER AND NOT TIDEWHEEL_FUZZ)
    find_package(benchmark REQUIRED)
    add_executable(${folder}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${folder}_bench PRIVATE tw_${folder} benchmark::benchmark_main)
  endif()
endfunction()

# testing/x_main.cpp anywhere in the folder: a program FOLDER_x that the folder's tests start; they know its path as
# TIDEWHEEL_PROGRAM_x.
function(tidewheel_test_programs folder)
  file(GLOB_RECURSE mains CONFIGURE_DEPENDS ${folder}/*_main.cpp)
  list(FILTER mains INCLUDE REGEX "/testing/[a-z0-9_]+_main\\.cpp$")
  foreach(source IN LISTS mains)
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "_main$" "" name ${name})
    set(program ${folder}_${name})
    if(NOT TARGET ${program})
      add_executable(${program} ${source})
      target_link_libraries(${program} PRIVATE tw_${folder})
    endif()
    add_dependencies(${folder}_tests ${program})
    target_compile_definitions(${folder}_tests PRIVATE TIDEWHEEL_PROGRAM_${name}="$<TARGET_FILE:${program}>")
  endforeach()
endfunction()
