#pragma once

// Numbers as the bytes they have in memory, for rows that only this machine reads.

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace control {

template <class T>
void append_raw(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}

// Takes a number off the front of `in`, which is at least as long.
template <class T>
T take_raw(std::string_view& in) {
  T value;
  std::memcpy(&value, in.data(), sizeof(T));
  in.remove_prefix(sizeof(T));
  return value;
}

}  // namespace control
