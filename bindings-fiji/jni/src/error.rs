//! How what goes wrong becomes an exception in Java.

use std::any::Any;

use fewlabel::contract::{Error, ErrorKind};
use jni::errors::{Error as JniError, ErrorPolicy, JniError as Code};
use jni::objects::{JString, JThrowable};
use jni::{Env, JValue, jni_sig, jni_str};

/// What went wrong inside a native.
#[derive(Debug)]
pub enum Fault {
    /// In the engine, or in what it was asked.
    Engine(Box<Error>),
    /// In talking to the virtual machine.
    Java(JniError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<JniError> for Fault {
    fn from(error: JniError) -> Self {
        Self::Java(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Error::internal("read or write JSON", "a message is not what the contract says").because(&error).into()
    }
}

impl Fault {
    fn into_error(self) -> Error {
        match self {
            Self::Engine(error) => *error,
            Self::Java(JniError::JniCall(Code::NoMemory)) => out_of_memory("Java has no memory left for this image"),
            Self::Java(error) => Error::internal("talk to Java", error.to_string()),
        }
    }
}

/// Memory ran out while pixels were handed over.
pub fn out_of_memory(message: &str) -> Error {
    Error::new(ErrorKind::OutOfMemory, "hand over pixels", message)
        .hint("close other images, give Fiji more memory (Edit > Options > Memory & Threads), or segment a smaller image")
}

/// Throws `io.fewlabel.FewlabelException`, for panics with the code `internal`.
pub struct Throw;

impl<T: Default> ErrorPolicy<T, Fault> for Throw {
    type Captures<'local: 'native, 'native> = ();

    fn on_error<'local: 'native, 'native>(env: &mut Env<'local>, _: &mut (), fault: Fault) -> jni::errors::Result<T> {
        // What Java code has thrown counts.
        if !env.exception_check() {
            throw(env, &fault.into_error())?;
        }
        Ok(T::default())
    }

    fn on_panic<'local: 'native, 'native>(
        env: &mut Env<'local>,
        _: &mut (),
        payload: Box<dyn Any + Send>,
    ) -> jni::errors::Result<T> {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text =
            text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned());
        Self::on_error(env, &mut (), Error::internal("call native", text).into())
    }
}

/// Throws an error with its one line, its hint and itself as JSON. This is a thread that Java called on, so the class is found by
/// the loader of the class whose native this is.
fn throw(env: &mut Env<'_>, error: &Error) -> jni::errors::Result<()> {
    let line = Error { hint: None, ..error.clone() }.to_string();
    let code = env.new_string(error.kind.name())?;
    let line = env.new_string(line)?;
    let hint = match &error.hint {
        Some(hint) => env.new_string(hint)?,
        None => JString::null(),
    };
    let json = env.new_string(serde_json::to_string(error).unwrap_or_default())?;
    let exception = env.new_object(
        jni_str!("io/fewlabel/FewlabelException"),
        jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)V"),
        &[JValue::Object(&code), JValue::Object(&line), JValue::Object(&hint), JValue::Object(&json)],
    )?;
    match env.throw(env.cast_local::<JThrowable>(exception)?) {
        Err(JniError::JavaException) => Ok(()),
        other => other,
    }
}
