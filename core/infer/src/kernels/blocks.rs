//! The inner loop of the 3×3 convolution: a block of output channels and columns in registers.
//!
//! For `OUTPUTS` channels and `COLUMNS` columns of one output row,
//! out\[o\]\[x\] = bias\[o\] + Σ_c Σ_dy Σ_dx weight\[o\]\[c\]\[dy\]\[dx\] · in\[c\]\[y + dy\]\[x + dx\], summed in this order with
//! fused multiply-adds. The sums stay in vector registers throughout: a vector of columns is
//! loaded once for all output channels, a weight is broadcast once for all vectors.

/// A block of the output and the instructions that fill it. A value of the type is the proof that this
/// processor has them.
pub(super) trait Block: Copy {
    /// Output channels at once.
    const OUTPUTS: usize;
    /// Output columns at once.
    const COLUMNS: usize;

    /// Fills `out`, `OUTPUTS` rows of `COLUMNS` values.
    ///
    /// `rows` are the three input rows: channel after channel, `pitch` values each, of which those from
    /// `column` on are read. `weights` holds `OUTPUTS` values for each channel and tap.
    fn fill(self, rows: [&[f32]; 3], pitch: usize, column: usize, weights: &[f32], bias: &[f32], out: &mut [f32]);
}

/// Makes a [`Block`] out of one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! block {
    (
        $(#[$doc:meta])* $name:ident: [$($feature:tt)+], $lanes:literal lanes, $outputs:literal channels, $vectors:literal vectors,
        $splat:ident $load:ident $store:ident $multiply_add:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(in crate::kernels) struct $name(());

        impl $name {
            /// The proof, when this processor has the instructions.
            pub fn detect() -> Option<Self> {
                ($(is_x86_feature_detected!($feature))&&+).then_some(Self(()))
            }

            $(#[target_feature(enable = $feature)])+
            fn fill_with(rows: [&[f32]; 3], pitch: usize, column: usize, weights: &[f32], bias: &[f32], out: &mut [f32]) {
                let bias = bias.first_chunk::<$outputs>().expect("a bias for each channel of the block");
                let mut sums = bias.map(|bias| [$splat(bias); $vectors]);
                let (taps, _) = weights.as_chunks::<$outputs>();
                let (taps, _) = taps.as_chunks::<9>();
                for (channel, taps) in taps.iter().enumerate() {
                    // Whole arrays and bounds that are constants: the loops within are unrolled, and the sums stay in registers.
                    let start = channel * pitch + column;
                    let rows = rows.map(|row| row[start..].first_chunk::<{ $vectors * $lanes + 2 }>().expect("columns of a strip"));
                    for dy in 0..3 {
                        for dx in 0..3 {
                            let mut values = [$splat(0.0); $vectors];
                            for (vector, value) in values.iter_mut().enumerate() {
                                let lanes = rows[dy][dx + vector * $lanes..].first_chunk::<$lanes>().expect("lanes of a vector");
                                // SAFETY: `lanes` is an array of as many values as are read.
                                *value = unsafe { $load(lanes.as_ptr()) };
                            }
                            let weights = &taps[3 * dy + dx];
                            for output in 0..$outputs {
                                let weight = $splat(weights[output]);
                                for vector in 0..$vectors {
                                    sums[output][vector] = $multiply_add(values[vector], weight, sums[output][vector]);
                                }
                            }
                        }
                    }
                }
                for (sum, lanes) in sums.as_flattened().iter().zip(out.as_chunks_mut::<$lanes>().0) {
                    // SAFETY: `lanes` is an array of as many values as are written.
                    unsafe { $store(lanes.as_mut_ptr(), *sum) };
                }
            }
        }

        impl Block for $name {
            const OUTPUTS: usize = $outputs;
            const COLUMNS: usize = $vectors * $lanes;

            #[inline(always)]
            fn fill(self, rows: [&[f32]; 3], pitch: usize, column: usize, weights: &[f32], bias: &[f32], out: &mut [f32]) {
                // SAFETY: `self` exists only where `detect` found the instructions.
                unsafe { Self::fill_with(rows, pitch, column, weights, bias, out) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
        _mm512_storeu_ps,
    };

    use super::Block;

    block! {
        /// 16 of the 32 registers hold sums.
        Avx512: ["avx512f"], 16 lanes, 8 channels, 2 vectors,
        _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_fmadd_ps
    }

    block! {
        /// 8 of the 16 registers hold sums; with 12 the compiler spills.
        Avx2: ["avx2" "fma"], 8 lanes, 4 channels, 2 vectors,
        _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_fmadd_ps
    }
}

#[cfg(target_arch = "x86_64")]
pub(in crate::kernels) use x86::{Avx2, Avx512};
