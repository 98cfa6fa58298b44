//! Views as tensors.

use fewlabel_contract::Result;
use tch::Tensor;

use crate::device::Machine;
use crate::net::image_batch;
use crate::pool::Views;
use crate::torch_result::TorchResult;

/// The views of a step on the device. Images are `[n, c, side, side]`, f32, 0 to 1.
#[derive(Debug)]
pub struct ViewBatch {
    /// Crops, changed as the plan says.
    pub first: Tensor,
    /// Another view of each place; an empty tensor when the plan has none.
    pub second: Tensor,
    /// The first views with what is to be restored; an empty tensor when the plan has none.
    pub proxy: Tensor,
    /// `[n, 1, side, side]`: 1 where the proxy hides something.
    pub hidden: Tensor,
    /// `[n]`: number of the image that a crop was cut from.
    pub images: Tensor,
}

impl ViewBatch {
    /// Copies the views to the device.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(views: &Views, machine: &Machine) -> Result<Self> {
        let batch = |values: &[f32], channels: usize| match values {
            [] => Ok(Tensor::new()),
            values => image_batch(values, (views.count, channels, views.size), machine),
        };
        Ok(Self {
            first: batch(&views.first, views.channels)?,
            second: batch(&views.second, views.channels)?,
            proxy: batch(&views.proxy, views.channels)?,
            hidden: batch(&views.hidden, 1)?,
            images: Tensor::f_from_slice(&views.images).and_then(|t| t.f_to_device(machine.device())).torch("load batch")?,
        })
    }

    /// Places.
    pub fn count(&self) -> i64 {
        self.images.size()[0]
    }

    /// The places from `start` on, `count` of them or as many as are left.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn part(&self, start: i64, count: i64) -> Result<Self> {
        let count = count.min(self.count() - start);
        let part = |tensor: &Tensor| match tensor.defined() && tensor.numel() > 0 {
            true => tensor.f_narrow(0, start, count).torch("cut batch"),
            false => Ok(Tensor::new()),
        };
        Ok(Self {
            first: part(&self.first)?,
            second: part(&self.second)?,
            proxy: part(&self.proxy)?,
            hidden: part(&self.hidden)?,
            images: part(&self.images)?,
        })
    }
}
