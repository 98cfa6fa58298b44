//! Pixels between typed arrays and the engine. They are copied both ways: JavaScript may change or free its arrays at any
//! time, and in Electron memory of the process cannot be lent to it at all.

use fewlabel::Pixels;
use fewlabel::contract::{Error, ErrorKind, Result};
use napi::bindgen_prelude::{
    BigInt64ArraySlice, BigUint64ArraySlice, Env, Float32ArraySlice, Float64ArraySlice, Int8ArraySlice, Int16ArraySlice,
    Int32ArraySlice, JsValue, TypedArray, TypedArrayType, Uint8ArraySlice, Uint16ArraySlice, Uint32ArraySlice, Unknown,
};

/// Copies the numbers of a typed array.
///
/// # Errors
/// `invalid-request` for a type of numbers that pixels do not have.
pub fn copy_in(array: &TypedArray<'_>) -> Result<Pixels> {
    let bytes: &[u8] = &array.arraybuffer;
    match array.typed_array_type {
        TypedArrayType::Uint8 | TypedArrayType::Uint8Clamped => Ok(Pixels::U8(bytes.to_vec())),
        TypedArrayType::Uint16 => Ok(Pixels::U16(numbers(bytes, u16::from_ne_bytes))),
        TypedArrayType::Uint32 => Ok(Pixels::U32(numbers(bytes, u32::from_ne_bytes))),
        TypedArrayType::Float32 => Ok(Pixels::F32(numbers(bytes, f32::from_ne_bytes))),
        other => Err(Error::new(ErrorKind::InvalidRequest, "read buffer", "pixels cannot be of this type")
            .with("type", other.as_ref())
            .hint("give a Uint8Array, Uint16Array, Uint32Array or Float32Array")),
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|&bytes| number(bytes)).collect()
}

/// A typed array that JavaScript owns, with a copy of `pixels`.
///
/// # Errors
/// `out-of-memory` when JavaScript has no room for it.
pub fn copy_out<'env>(env: &'env Env, pixels: &Pixels) -> Result<Unknown<'env>> {
    match pixels {
        Pixels::U8(values) => Uint8ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::U16(values) => Uint16ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::U32(values) => Uint32ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::U64(values) => BigUint64ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::I8(values) => Int8ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::I16(values) => Int16ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::I32(values) => Int32ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::I64(values) => BigInt64ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::F32(values) => Float32ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
        Pixels::F64(values) => Float64ArraySlice::copy_from(env, values).map(|array| array.to_unknown()),
    }
    .map_err(|error| {
        Error::new(ErrorKind::OutOfMemory, "hand over buffer", "JavaScript has no room for it")
            .with("samples", pixels.len())
            .hint("write to files (give output), or segment a part at a time")
            .because(&error)
    })
}
