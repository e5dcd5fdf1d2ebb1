#include "tsdb/store.h"

#include <gtest/gtest.h>
TEST(A,B){}
