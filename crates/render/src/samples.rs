//! Reports made by hand, for the tests of every format.
