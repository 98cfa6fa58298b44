//! A submitted job with the buffers that it gives back.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::Job;
use fewlabel_image::Pixels;

/// A job and its output buffers. Derefs to [`Job`]; clones are the same job. The buffers live as long as the last
/// clone, so a host that never fetches them loses nothing but the memory until then.
#[derive(Clone, Debug)]
pub struct Running {
    job: Job,
    outputs: Arc<Mutex<Vec<Pixels>>>,
}

impl Running {
    pub(crate) fn new(job: Job) -> Self {
        Self { job, outputs: Arc::default() }
    }

    /// Takes the output buffers; a result refers to them by number, from 0. Complete once the job has ended; empty the
    /// second time.
    pub fn take_buffers(&self) -> Vec<Pixels> {
        std::mem::take(&mut self.outputs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn give_buffers(&self, buffers: Vec<Pixels>) {
        *self.outputs.lock().unwrap_or_else(PoisonError::into_inner) = buffers;
    }
}

impl Deref for Running {
    type Target = Job;

    fn deref(&self) -> &Job {
        &self.job
    }
}
