//! What machine this is: CPU, memory, operating system, CPUs one may use.
