//! Boxed values that Java holds as numbers.

use fewlabel::contract::Error;
use jni::sys::jlong;

use crate::error::Fault;

/// Gives a value to Java, which gives it back to [`drop_boxed`].
pub fn into_handle<T>(value: T) -> jlong {
    Box::into_raw(Box::new(value)) as jlong
}

/// The value behind a handle.
///
/// # Safety
/// `handle` is 0 or came from [`into_handle`] of the same type, and is not dropped before the reference.
///
/// # Errors
/// `internal` for 0.
pub unsafe fn borrow<'a, T>(handle: jlong) -> Result<&'a T, Fault> {
    // SAFETY: by the contract of this function the pointer is null or points to a live `T`.
    unsafe { (handle as *const T).as_ref() }.ok_or_else(closed)
}

/// Takes the value back and drops it.
///
/// # Safety
/// `handle` is 0 or came from [`into_handle`] of the same type, and is used by nobody, now or later.
///
/// # Errors
/// `internal` for 0.
pub unsafe fn drop_boxed<T>(handle: jlong) -> Result<(), Fault> {
    if handle == 0 {
        return Err(closed());
    }
    // SAFETY: by the contract of this function the box is ours again.
    drop(unsafe { Box::from_raw(handle as *mut T) });
    Ok(())
}

fn closed() -> Fault {
    Error::internal("use handle", "the handle is closed").into()
}
