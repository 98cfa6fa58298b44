//! Lets the linker leave the symbols of Node to the program that loads this library.

fn main() {
    napi_build::setup();
}
