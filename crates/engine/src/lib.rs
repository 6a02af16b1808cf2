//! Plan, rounds, worker processes, and the join of work and energy.
