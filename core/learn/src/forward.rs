//! The network that is being trained, as the pipeline of the user's images sees it.

use std::sync::{Mutex, PoisonError};

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use fewlabel_infer::Forward;
use tch::{Device, Kind, Tensor};

use crate::net::Net;
use crate::torch_result::TorchResult;

/// [`Forward`] by libtorch. One pass at a time: libtorch's own threads share the work inside it.
#[derive(Debug)]
pub struct TchForward<'a> {
    net: Mutex<&'a mut Net>,
    // Read once, so that they need no lock.
    inputs: usize,
    outputs: usize,
    stride: usize,
    halo: usize,
    local: bool,
}

impl<'a> TchForward<'a> {
    /// Lends the network to the pipeline.
    pub fn new(net: &'a mut Net) -> Self {
        let network = &net.network;
        Self {
            inputs: network.input_channels(),
            outputs: network.output_channels(),
            stride: network.stride(),
            halo: network.halo(),
            local: network.is_local(),
            net: Mutex::new(net),
        }
    }
}

impl Forward for TchForward<'_> {
    fn run(&self, input: &Maps) -> Result<Maps> {
        let net = self.net.lock().unwrap_or_else(PoisonError::into_inner);
        let _no_grad = tch::no_grad_guard();
        let (height, width) = (input.height as i64, input.width as i64);
        let image = Tensor::f_from_slice(&input.data)
            .and_then(|t| t.f_view([1, self.inputs as i64, height, width]))
            .and_then(|t| t.f_to_device(net.device()))
            .torch("run network")?;
        let maps = net
            .maps(&image)?
            .f_to_device(Device::Cpu)
            .and_then(|t| t.f_to_kind(Kind::Float))
            .and_then(|t| t.f_contiguous())
            .and_then(|t| t.f_view(-1))
            .torch("run network")?;
        let values = Vec::<f32>::try_from(&maps).torch("run network")?;
        let (height, width) = net.network.output_size(input.height, input.width);
        Ok(Maps::new(self.outputs, height, width, values))
    }

    fn input_channels(&self) -> usize {
        self.inputs
    }

    fn output_channels(&self) -> usize {
        self.outputs
    }

    fn stride(&self) -> usize {
        self.stride
    }

    fn halo(&self) -> usize {
        self.halo
    }

    fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        let net = self.net.lock().unwrap_or_else(PoisonError::into_inner);
        net.network.peak_bytes(height, width)
    }

    fn is_local(&self) -> bool {
        self.local
    }
}
