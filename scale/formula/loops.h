#pragma once

// The functions with a predicate: all, any, map, reduce, ...

#include "scale/formula/functions.h"

namespace scale::formula::loops {

extern const Loop all, any, count, filter, find, find_index, find_last, find_last_index, group_by,
    map, none, one, reduce, sort_by, sum;

}  // namespace scale::formula::loops
