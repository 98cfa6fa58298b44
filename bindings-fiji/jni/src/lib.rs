//! The natives of `io.fewlabel.Native`: what the Java side needs of [`fewlabel::Engine`], and nothing more.
//!
//! Requests and outcomes are JSON of the contract, pixels are primitive arrays. A failure, a panic included, is thrown as
//! `io.fewlabel.FewlabelException` by `error::Throw`. Java guards the handles (`NativeHandle`): a closed one never arrives here.

mod error;
mod handle;
mod pixels;
mod sink;

use std::path::PathBuf;
use std::sync::Arc;

use fewlabel::contract::{Error, Outcome, Request, Response, canonical};
use fewlabel::{Config, Engine, Running, VERSION};
use jni::objects::{JClass, JObject, JObjectArray, JString};
use jni::sys::jlong;
use jni::{EnvUnowned, jni_mangle};

use error::{Fault, Throw};
use handle::{borrow, drop_boxed, into_handle};
use sink::JavaSink;

/// Version of the library, which must be the one of the jar.
#[jni_mangle("io.fewlabel.Native")]
pub fn version<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>) -> JString<'l> {
    env.with_env(|env| -> Result<_, Fault> { Ok(env.new_string(VERSION)?) }).resolve::<Throw>()
}

/// An engine; `beside` is the folder where the learner may lie, or null.
#[jni_mangle("io.fewlabel.Native")]
pub fn engine_create<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, beside: JString<'l>) -> jlong {
    env.with_env(|env| -> Result<_, Fault> {
        let beside = if beside.is_null() { None } else { Some(PathBuf::from(beside.try_to_string(env)?)) };
        Ok(into_handle(Engine::new(Config { beside, ..Config::default() })))
    })
    .resolve::<Throw>()
}

/// Lets go of an engine; its jobs go on.
#[jni_mangle("io.fewlabel.Native")]
pub fn engine_close<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, engine: jlong) {
    // SAFETY: `engine` came from `engine_create`, and `NativeHandle` closes it once.
    env.with_env(|_| -> Result<_, Fault> { unsafe { drop_boxed::<Engine>(engine) } }).resolve::<Throw>();
}

/// Starts a job. `buffers` are `byte[]`, `short[]`, `int[]` (all unsigned) or `float[]`, copied before this returns; `sink` is an
/// `io.fewlabel.EventSink`.
#[jni_mangle("io.fewlabel.Native")]
pub fn submit<'l>(
    mut env: EnvUnowned<'l>,
    _class: JClass<'l>,
    engine: jlong,
    request: JString<'l>,
    buffers: JObjectArray<'l>,
    sink: JObject<'l>,
) -> jlong {
    env.with_env(|env| -> Result<_, Fault> {
        // SAFETY: `engine` came from `engine_create`, and `NativeHandle` keeps it open during this call.
        let engine = unsafe { borrow::<Engine>(engine)? };
        let request = Request::from_json(&request.try_to_string(env)?)?;
        let buffers = pixels::from_java(env, &buffers)?;
        let sink = JavaSink::new(env, &sink)?;
        Ok(into_handle(engine.submit(request, buffers, Arc::new(sink))))
    })
    .resolve::<Throw>()
}

/// Number of a job.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_id<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) -> jlong {
    // SAFETY: as in `job_wait`.
    env.with_env(|_| -> Result<_, Fault> { Ok(unsafe { borrow::<Running>(job)? }.id().cast_signed()) }).resolve::<Throw>()
}

/// What a job is doing: `queued`, `running`, `ended`.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_status<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) -> JString<'l> {
    env.with_env(|env| -> Result<_, Fault> {
        // SAFETY: as in `job_wait`.
        let status = serde_json::to_value(unsafe { borrow::<Running>(job)? }.status())?;
        Ok(env.new_string(status.as_str().unwrap_or_default())?)
    })
    .resolve::<Throw>()
}

/// Waits until a job has ended, and gives its outcome as JSON; a failed or cancelled one is thrown.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_wait<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) -> JString<'l> {
    env.with_env(|env| -> Result<_, Fault> {
        // SAFETY: `job` came from `submit`, and `NativeHandle` keeps it open during this call.
        match unsafe { borrow::<Running>(job)? }.wait() {
            Outcome::Failed { error } => Err(error.into()),
            Outcome::Cancelled => Err(Error::cancelled("job").into()),
            outcome => Ok(env.new_string(serde_json::to_string(&outcome)?)?),
        }
    })
    .resolve::<Throw>()
}

/// Asks a job to stop now.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_cancel<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) {
    env.with_env(|_| -> Result<_, Fault> {
        // SAFETY: as in `job_wait`.
        unsafe { borrow::<Running>(job)? }.cancel();
        Ok(())
    })
    .resolve::<Throw>();
}

/// Asks a job to stop and keep the best so far.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_finish_early<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) {
    env.with_env(|_| -> Result<_, Fault> {
        // SAFETY: as in `job_wait`.
        unsafe { borrow::<Running>(job)? }.finish_early();
        Ok(())
    })
    .resolve::<Throw>();
}

/// Takes the output buffers of a job that has ended; none the second time.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_take_buffers<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) -> JObjectArray<'l> {
    env.with_env(|env| -> Result<_, Fault> {
        // SAFETY: as in `job_wait`.
        pixels::to_java(env, unsafe { borrow::<Running>(job)? }.take_buffers())
    })
    .resolve::<Throw>()
}

/// Lets go of a job, which goes on.
#[jni_mangle("io.fewlabel.Native")]
pub fn job_close<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, job: jlong) {
    // SAFETY: `job` came from `submit`, and `NativeHandle` closes it once.
    env.with_env(|_| -> Result<_, Fault> { unsafe { drop_boxed::<Running>(job) } }).resolve::<Throw>();
}

/// A response, as JSON, in the form that is the same on every machine and through every face.
#[jni_mangle("io.fewlabel.Native")]
pub fn canonical_response<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>, response: JString<'l>) -> JString<'l> {
    env.with_env(|env| -> Result<_, Fault> {
        let response: Response = serde_json::from_str(&response.try_to_string(env)?)?;
        Ok(env.new_string(canonical(&response))?)
    })
    .resolve::<Throw>()
}

/// Panics. The tests show with it that a panic does not cross the border.
#[jni_mangle("io.fewlabel.Native")]
pub fn panic_for_test<'l>(mut env: EnvUnowned<'l>, _class: JClass<'l>) {
    env.with_env(|_| -> Result<(), Fault> { panic!("a panic that a test asked for") }).resolve::<Throw>();
}
