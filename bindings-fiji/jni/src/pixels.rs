//! Pixels between Java's primitive arrays and the engine's buffers.

use fewlabel::Pixels;
use fewlabel::contract::{Error, ErrorKind};
use jni::Env;
use jni::objects::{JByteArray, JFloatArray, JIntArray, JObject, JObjectArray, JPrimitiveArray, JShortArray, TypeArray};
use jni::refs::Reference;

use crate::error::{Fault, out_of_memory};

/// Copies of the arrays: `byte[]` is u8, `short[]` u16, `int[]` u32, `float[]` f32. Null is no array at all.
///
/// # Errors
/// `invalid-request` for an element that is something else, `out-of-memory`.
pub fn from_java(env: &mut Env<'_>, arrays: &JObjectArray<'_>) -> Result<Vec<Pixels>, Fault> {
    let count = if arrays.is_null() { 0 } else { arrays.len(env)? };
    let mut buffers = Vec::with_capacity(count);
    for index in 0..count {
        let array = arrays.get_element(env, index)?;
        buffers.push(one_from_java(env, &array, index)?);
    }
    Ok(buffers)
}

fn one_from_java(env: &Env<'_>, array: &JObject<'_>, index: usize) -> Result<Pixels, Fault> {
    if array.is_null() {
        return Err(no_pixels(index));
    }
    // The signs go; `collect` keeps the memory of the copy.
    if let Ok(array) = env.as_cast::<JByteArray>(array) {
        Ok(Pixels::U8(copied(env, &array)?.into_iter().map(i8::cast_unsigned).collect()))
    } else if let Ok(array) = env.as_cast::<JShortArray>(array) {
        Ok(Pixels::U16(copied(env, &array)?.into_iter().map(i16::cast_unsigned).collect()))
    } else if let Ok(array) = env.as_cast::<JIntArray>(array) {
        Ok(Pixels::U32(copied(env, &array)?.into_iter().map(i32::cast_unsigned).collect()))
    } else if let Ok(array) = env.as_cast::<JFloatArray>(array) {
        Ok(Pixels::F32(copied(env, &array)?))
    } else {
        Err(no_pixels(index))
    }
}

fn no_pixels(index: usize) -> Fault {
    Error::new(ErrorKind::InvalidRequest, "hand over pixels", "a buffer is a byte[], short[], int[] or float[]")
        .with("buffer", index)
        .into()
}

/// The elements of an array. Rust aborts when an allocation fails, so the memory is asked for first.
fn copied<T: TypeArray + Copy + Default>(env: &Env<'_>, array: &JPrimitiveArray<'_, T>) -> Result<Vec<T>, Fault> {
    let length = array.len(env)?;
    let mut elements = Vec::new();
    elements.try_reserve_exact(length).map_err(|_| out_of_memory("there is no memory left for this image"))?;
    elements.resize(length, T::default());
    array.get_region(env, 0, &mut elements)?;
    Ok(elements)
}

/// The buffers as an `Object[]` of new arrays, types as in [`from_java`].
///
/// # Errors
/// `out-of-memory`; `limit-exceeded` for more pixels than an array of Java can hold.
pub fn to_java<'l>(env: &mut Env<'l>, buffers: Vec<Pixels>) -> Result<JObjectArray<'l>, Fault> {
    let arrays = JObjectArray::<JObject>::new(env, buffers.len(), JObject::null())?;
    for (index, buffer) in buffers.into_iter().enumerate() {
        if i32::try_from(buffer.len()).is_err() {
            return Err(Error::new(ErrorKind::LimitExceeded, "hand over pixels", "an array of Java cannot hold so many pixels")
                .with("pixels", buffer.len())
                .with("most", i32::MAX)
                .hint("segment a part of the image, or files instead of an open image")
                .into());
        }
        // The memory of each buffer is free again before the next one is copied.
        let array: JObject = match buffer {
            Pixels::U8(samples) => {
                let samples: Vec<i8> = samples.into_iter().map(u8::cast_signed).collect();
                filled(env.new_byte_array(samples.len())?, env, &samples)?
            }
            Pixels::U16(samples) => {
                let samples: Vec<i16> = samples.into_iter().map(u16::cast_signed).collect();
                filled(env.new_short_array(samples.len())?, env, &samples)?
            }
            Pixels::U32(samples) => {
                let samples: Vec<i32> = samples.into_iter().map(u32::cast_signed).collect();
                filled(env.new_int_array(samples.len())?, env, &samples)?
            }
            Pixels::I8(samples) => filled(env.new_byte_array(samples.len())?, env, &samples)?,
            Pixels::I16(samples) => filled(env.new_short_array(samples.len())?, env, &samples)?,
            Pixels::I32(samples) => filled(env.new_int_array(samples.len())?, env, &samples)?,
            Pixels::U64(samples) => {
                let samples: Vec<i64> = samples.into_iter().map(u64::cast_signed).collect();
                filled(env.new_long_array(samples.len())?, env, &samples)?
            }
            Pixels::I64(samples) => filled(env.new_long_array(samples.len())?, env, &samples)?,
            Pixels::F32(samples) => filled(env.new_float_array(samples.len())?, env, &samples)?,
            Pixels::F64(samples) => filled(env.new_double_array(samples.len())?, env, &samples)?,
        };
        arrays.set_element(env, index, &array)?;
    }
    Ok(arrays)
}

fn filled<'l, T: TypeArray>(array: JPrimitiveArray<'l, T>, env: &Env<'_>, samples: &[T]) -> Result<JObject<'l>, Fault> {
    array.set_region(env, 0, samples)?;
    Ok(array.into())
}
