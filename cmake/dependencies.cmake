# Everything comes from Debian 12 packages; ARCHITECTURE.md says why each one is here.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_library(NGHTTP2 nghttp2 REQUIRED)
find_library(XXHASH xxhash REQUIRED)
find_library(DEFLATE deflate REQUIRED)
find_library(SNAPPY snappy REQUIRED)
find_library(ZSTD zstd REQUIRED)
find_library(RE2 re2 REQUIRED)

# The sanitizers bring an allocator of their own.
if(NOT TIDEWHEEL_SANITIZER AND NOT TIDEWHEEL_FUZZ)
  find_library(MIMALLOC mimalloc REQUIRED)
endif()

# Third-party headers are system headers: their warnings are not ours.
add_library(tw_options INTERFACE)
target_include_directories(tw_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(tw_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wthread-safety
                                            -Werror -fno-omit-frame-pointer
                                            # No fused multiply-add: replica counts are to the bit.
                                            -ffp-contract=off
                                            # Members have defaults where they are declared.
                                            -Wno-missing-designated-field-initializers
                                            -Wno-missing-field-initializers)
target_compile_definitions(tw_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HEADER_ONLY
                                                SPDLOG_FMT_EXTERNAL TIDEWHEEL_VERSION="${PROJECT_VERSION}")
target_link_options(tw_options INTERFACE -fuse-ld=lld)

if(TIDEWHEEL_SANITIZER STREQUAL "address")
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(TIDEWHEEL_SANITIZER STREQUAL "thread")
  set(sanitize -fsanitize=thread)
  # Asio's fences are unknown to the thread sanitizer.
  target_compile_definitions(tw_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(TIDEWHEEL_FUZZ)
  list(APPEND sanitize -fsanitize=fuzzer-no-link)
endif()
if(sanitize)
  target_compile_options(tw_options INTERFACE ${sanitize})
  target_link_options(tw_options INTERFACE ${sanitize})
endif()

# What each folder needs beyond our own folders.
set(TIDEWHEEL_EXTERNAL_base fmt::fmt spdlog::spdlog Threads::Threads)
if(MIMALLOC)
  # First of all libraries, so that it is what every other one allocates with.
  target_link_libraries(tw_options INTERFACE ${MIMALLOC})
  set_source_files_properties(${CMAKE_SOURCE_DIR}/base/memory.cpp PROPERTIES
                              COMPILE_DEFINITIONS TIDEWHEEL_MIMALLOC SKIP_PRECOMPILE_HEADERS ON)
endif()
set(TIDEWHEEL_EXTERNAL_json Boost::json)
set(TIDEWHEEL_EXTERNAL_yaml yaml-cpp)
set(TIDEWHEEL_EXTERNAL_net ${NGHTTP2} ${DEFLATE} ${SNAPPY} ${ZSTD} OpenSSL::SSL ZLIB::ZLIB)
set(TIDEWHEEL_EXTERNAL_storage SQLite::SQLite3)
set(TIDEWHEEL_EXTERNAL_tsdb ${XXHASH} ${RE2})
set(TIDEWHEEL_EXTERNAL_control ${XXHASH})
set(TIDEWHEEL_EXTERNAL_cli CLI11::CLI11)
