"""What the scripts of bench/ share: programs, their use of the machine, what is sent to them, and the one table."""
