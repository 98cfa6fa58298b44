//! A slow, plain forward pass over a list of blocks, in 64 bit: what the graph is compared with.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;

use fewlabel_image::Maps;
use fewlabel_model::{Activation, Block, Head, HeadGroup, NORM_EPS, Network, Nonlinearity, Norm, ParameterKind, Tensor, Weights};

/// Feature maps, `c y x`.
#[derive(Clone)]
pub struct Field {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub data: Vec<f64>,
}

impl Field {
    pub fn zeros(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width, data: vec![0.0; channels * height * width] }
    }

    pub fn of(maps: &Maps) -> Self {
        let data = maps.data.iter().map(|&value| f64::from(value)).collect();
        Self { channels: maps.channels, height: maps.height, width: maps.width, data }
    }

    fn index(&self, c: usize, y: usize, x: usize) -> usize {
        (c * self.height + y) * self.width + x
    }

    pub fn at(&self, c: usize, y: usize, x: usize) -> f64 {
        self.data[self.index(c, y, x)]
    }

    fn channels_from(&self, first: usize, count: usize) -> Self {
        let size = self.height * self.width;
        Self { channels: count, data: self.data[first * size..(first + count) * size].to_vec(), ..*self }
    }

    /// The value, or zero outside.
    fn padded(&self, c: usize, y: isize, x: isize) -> f64 {
        let inside = (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x);
        if inside { self.at(c, y as usize, x as usize) } else { 0.0 }
    }

    fn fill(mut self, value: impl Fn(usize, usize, usize) -> f64) -> Self {
        for c in 0..self.channels {
            for y in 0..self.height {
                for x in 0..self.width {
                    let index = self.index(c, y, x);
                    self.data[index] = value(c, y, x);
                }
            }
        }
        self
    }
}

/// Runs the network with its unfolded weights.
pub fn forward(network: &Network, weights: &Weights, input: &Field) -> Field {
    let mut now = input.clone();
    let mut kept: BTreeMap<&str, Field> = BTreeMap::new();
    for block in network.blocks() {
        now = match block {
            Block::Conv3x3 { stage, number, outputs, norm, nonlinearity, .. } => {
                let name = format!("{stage}.conv{number}");
                let convolved = convolve(&now, weights, &name, *outputs, 3);
                bend(normalise(convolved, weights, &format!("{stage}.norm{number}"), *norm), *nonlinearity)
            }
            Block::Conv { stage, number, inputs, outputs, side, stride, groups, norm, nonlinearity } => {
                let name = format!("{stage}.conv{number}");
                // Every group alone, at every pixel; then every second pixel is taken.
                let (reads, gives) = (inputs / groups, outputs / groups);
                let mut all = Field::zeros(0, now.height / stride, now.width / stride);
                for group in 0..*groups {
                    let part = now.channels_from(group * reads, reads);
                    let weight = &weights[&format!("{name}.weight")];
                    let each = weight.data.len() / outputs;
                    let cut =
                        |first: usize, count: usize, data: &[f32]| Tensor::new(vec![count], data[first..first + count].to_vec());
                    let mut own =
                        Weights::from([(format!("{name}.weight"), cut(group * gives * each, gives * each, &weight.data))]);
                    if let Some(bias) = weights.get(&format!("{name}.bias")) {
                        own.insert(format!("{name}.bias"), cut(group * gives, gives, &bias.data));
                    }
                    let dense = convolve(&part, &own, &name, gives, *side as isize);
                    let taken = Field::zeros(gives, all.height, all.width).fill(|c, y, x| dense.at(c, y * stride, x * stride));
                    all.channels += gives;
                    all.data.extend(taken.data);
                }
                bend(normalise(all, weights, &format!("{stage}.norm{number}"), *norm), *nonlinearity)
            }
            Block::MaxPool3 => Field::zeros(now.channels, now.height / 2, now.width / 2).fill(|c, y, x| {
                let near = |at: usize, end: usize| (2 * at).saturating_sub(1)..(2 * at + 2).min(end);
                let values = near(y, now.height).flat_map(|y| near(x, now.width).map(move |x| (y, x)));
                values.map(|(y, x)| now.at(c, y, x)).fold(f64::NEG_INFINITY, f64::max)
            }),
            Block::Upsample2 => Field::zeros(now.channels, 2 * now.height, 2 * now.width).fill(|c, y, x| now.at(c, y / 2, x / 2)),
            Block::Add { skip, nonlinearity } => {
                let other = &kept[skip.as_str()];
                let data = now.data.iter().zip(&other.data).map(|(a, b)| a + b).collect();
                bend(Field { data, ..now }, *nonlinearity)
            }
            Block::Take { skip } => kept[skip.as_str()].clone(),
            Block::MaxPool2 => {
                let small = Field::zeros(now.channels, now.height / 2, now.width / 2);
                small.fill(|c, y, x| {
                    let four = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(dy, dx)| now.at(c, 2 * y + dy, 2 * x + dx));
                    four.into_iter().fold(f64::NEG_INFINITY, f64::max)
                })
            }
            Block::UpConv2x2 { stage, inputs, outputs } => {
                let weight = &weights[&format!("{stage}.weight")].data;
                let bias = &weights[&format!("{stage}.bias")].data;
                Field::zeros(*outputs, 2 * now.height, 2 * now.width).fill(|c, y, x| {
                    let tap = (y % 2) * 2 + x % 2;
                    let sum: f64 =
                        (0..*inputs).map(|i| now.at(i, y / 2, x / 2) * f64::from(weight[(i * outputs + c) * 4 + tap])).sum();
                    sum + f64::from(bias[c])
                })
            }
            Block::Keep { skip } => {
                kept.insert(skip, now.clone());
                now
            }
            Block::Concat { skip } => {
                let other = &kept[skip.as_str()];
                let data = now.data.iter().chain(&other.data).copied().collect();
                Field { channels: now.channels + other.channels, data, ..now }
            }
            Block::Pool { of } => {
                let sources = of.iter().map(|skip| &kept[skip.as_str()]).chain([&now]);
                let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
                let data: Vec<f64> = sources.flat_map(|field| field.data.chunks(field.height * field.width)).map(mean).collect();
                Field { channels: data.len(), height: 1, width: 1, data }
            }
            Block::Conv1x1 { stage, outputs, .. } => convolve(&now, weights, stage, *outputs, 1),
            Block::Activate { head } => activate(now, head),
        };
    }
    now
}

fn convolve(input: &Field, weights: &Weights, name: &str, outputs: usize, side: isize) -> Field {
    let weight = &weights[&format!("{name}.weight")].data;
    let bias = weights.get(&format!("{name}.bias"));
    let taps = (side * side) as usize;
    Field::zeros(outputs, input.height, input.width).fill(|c, y, x| {
        let mut sum = bias.map_or(0.0, |bias| f64::from(bias.data[c]));
        for i in 0..input.channels {
            for tap in 0..side * side {
                let (dy, dx) = (tap / side - side / 2, tap % side - side / 2);
                let w = f64::from(weight[(c * input.channels + i) * taps + tap as usize]);
                sum += w * input.padded(i, y as isize + dy, x as isize + dx);
            }
        }
        sum
    })
}

fn normalise(field: Field, weights: &Weights, name: &str, norm: Norm) -> Field {
    let n = (field.height * field.width) as f64;
    let statistics: Vec<[f64; 4]> = (0..field.channels)
        .map(|c| match norm {
            Norm::None => [0.0, 1.0, 1.0, 0.0],
            Norm::Batch => {
                let part = |part: &str| f64::from(weights[&format!("{name}.{part}")].data[c]);
                [part("mean"), (part("var") + NORM_EPS).sqrt(), part("weight"), part("bias")]
            }
            Norm::Instance => {
                let plane = &field.data[c * n as usize..(c + 1) * n as usize];
                let mean = plane.iter().sum::<f64>() / n;
                let var = plane.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
                [mean, (var + NORM_EPS).sqrt(), 1.0, 0.0]
            }
        })
        .collect();
    let empty = Field::zeros(field.channels, field.height, field.width);
    empty.fill(|c, y, x| {
        let [mean, deviation, scale, shift] = statistics[c];
        (field.at(c, y, x) - mean) / deviation * scale + shift
    })
}

fn bend(mut field: Field, nonlinearity: Nonlinearity) -> Field {
    let (slope, most) = match nonlinearity {
        Nonlinearity::None => (1.0, f64::INFINITY),
        Nonlinearity::Relu => (0.0, f64::INFINITY),
        Nonlinearity::LeakyRelu => (0.01, f64::INFINITY),
        Nonlinearity::Relu6 => (0.0, 6.0),
    };
    field.data.iter_mut().filter(|value| **value < 0.0).for_each(|value| *value *= slope);
    field.data.iter_mut().for_each(|value| *value = value.min(most));
    field
}

fn activate(field: Field, head: &Head) -> Field {
    let mut groups = Vec::new();
    let mut first = 0;
    for &HeadGroup { activation, channels } in &head.groups {
        groups.extend(std::iter::repeat_n((activation, first..first + channels), channels));
        first += channels;
    }
    let empty = Field::zeros(field.channels, field.height, field.width);
    empty.fill(|c, y, x| {
        let value = field.at(c, y, x);
        match &groups[c] {
            (Activation::None, _) => value,
            (Activation::Sigmoid, _) => 1.0 / (1.0 + (-value).exp()),
            (Activation::Softmax, group) => value.exp() / group.clone().map(|i| field.at(i, y, x).exp()).sum::<f64>(),
        }
    })
}

/// Numbers in −1…1 that look random and are the same each time (splitmix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// Weights that keep the size of the maps, and batch statistics that are far from 0 and 1.
pub fn random_weights(network: &Network, seed: u64) -> Weights {
    let mut numbers = Numbers(seed);
    let parameters = network.parameters().into_iter();
    parameters
        .map(|spec| {
            let size: usize = spec.shape.iter().product();
            let fan_in = (size / spec.shape[0]).max(1) as f32;
            let data = (0..size).map(|_| match spec.kind {
                ParameterKind::Weight => numbers.draw() * (6.0 / fan_in).sqrt(),
                ParameterKind::NormWeight => 1.0 + 0.5 * numbers.draw(),
                ParameterKind::RunningVar => 1.0 + 0.9 * numbers.draw(),
                ParameterKind::Bias | ParameterKind::NormBias | ParameterKind::RunningMean => 0.5 * numbers.draw(),
            });
            (spec.name, Tensor::new(spec.shape, data.collect()))
        })
        .collect()
}

pub fn random_maps(channels: usize, height: usize, width: usize, seed: u64) -> Maps {
    let mut numbers = Numbers(seed);
    Maps::new(channels, height, width, (0..channels * height * width).map(|_| numbers.draw()).collect())
}

/// One group.
pub fn head(activation: Activation, channels: usize) -> Head {
    Head { groups: vec![HeadGroup { activation, channels }] }
}

/// The head that objects are decoded from.
pub fn objects_head() -> Head {
    Head {
        groups: vec![
            HeadGroup { activation: Activation::Softmax, channels: 3 },
            HeadGroup { activation: Activation::Sigmoid, channels: 2 },
        ],
    }
}
