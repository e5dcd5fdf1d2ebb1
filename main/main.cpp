// The process: flags and environment in, exit status out.
int main() { return 0; }
