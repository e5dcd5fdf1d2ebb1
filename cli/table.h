#pragma once

// Rows as aligned columns, for a terminal.

#include <string>
#include <vector>

namespace cli {

using Row = std::vector<std::string>;

// Columns two blanks apart, each as wide as its widest cell; no blanks at line ends. The first row
// is the heading.
std::string print_table(const std::vector<Row>& rows);

}  // namespace cli
