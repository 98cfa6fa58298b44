//! Whole installations with small wheels, from folders and from an index on this machine's loopback.

mod fetching;
mod installing;
mod server;
mod small;
