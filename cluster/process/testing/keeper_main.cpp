// A program that is only a keeper, for tests of what starts keepers.

#include "cluster/process/keeper.h"

int main(int argc, char** argv) {
  return cluster::process::keeper_main(argc, argv);
}
