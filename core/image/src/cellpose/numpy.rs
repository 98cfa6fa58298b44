//! Arrays in the objects of a pickle.

use fewlabel_contract::{Error, Result};

use super::array::{Array, Data};
use super::tree::{Id, Node, Tree};
use super::{unreadable, unsupported};

/// NumPy 2 renamed its modules.
const MULTIARRAY: [&str; 2] = ["numpy.core.multiarray", "numpy._core.multiarray"];
const NUMERIC: [&str; 2] = ["numpy.core.numeric", "numpy._core.numeric"];

/// The array that Cellpose saves as `masks`: in a dictionary, which is the only element of an array without axes.
pub(super) fn masks(tree: &Tree) -> Result<Array> {
    let saved = parts(tree, tree.root)?.ok_or_else(no_masks)?;
    let Node::List(elements) = tree.node(saved.data) else { return Err(no_masks()) };
    let [element] = elements[..] else { return Err(no_masks()) };
    let Node::Dict(entries) = tree.node(element) else { return Err(no_masks()) };
    // Where a key was set again, the last value counts.
    for &(key, value) in entries.iter().rev() {
        if tree.text(key)?.as_deref() == Some("masks") {
            return array(tree, value);
        }
    }
    Err(no_masks())
}

fn no_masks() -> Error {
    unreadable("there are no label planes of Cellpose in this file")
        .hint("NAME_seg.npy as Cellpose saves it is read, or an array of whole numbers")
}

/// An array of numbers.
fn array(tree: &Tree, id: Id) -> Result<Array> {
    let parts = parts(tree, id)?.ok_or_else(no_masks)?;
    let lengths = tree.tuple(parts.shape).iter().map(|&length| tree.int(length).and_then(|length| u64::try_from(length).ok()));
    let shape = lengths.collect::<Option<Vec<u64>>>().ok_or_else(no_masks)?;
    let descr = descr(tree, parts.dtype)?.ok_or_else(no_masks)?;
    let data = data(tree, parts.data)?.ok_or_else(|| unsupported("labels must be whole numbers").with("type", &descr))?;
    Array::new(&descr, parts.fortran_order, shape, data)
}

/// Nodes of what makes an array.
struct Parts {
    shape: Id,
    dtype: Id,
    fortran_order: bool,
    data: Id,
}

/// Up to protocol 4 an array is made empty and given its state: (version, shape, type, whether the first axis runs fastest,
/// bytes or list of objects). With protocol 5 it is made from (bytes, type, shape, order).
fn parts(tree: &Tree, id: Id) -> Result<Option<Parts>> {
    let Node::Made { callable, arguments, state } = *tree.node(id) else { return Ok(None) };
    if tree.is_global(callable, &MULTIARRAY, "_reconstruct")? {
        let state = state.map(|state| tree.tuple(state)).unwrap_or_default();
        let &[_, shape, dtype, fortran, data] = state else { return Ok(None) };
        return Ok(Some(Parts { shape, dtype, fortran_order: tree.int(fortran) == Some(1), data }));
    }
    if tree.is_global(callable, &NUMERIC, "_frombuffer")? {
        // A fifth argument is for axes in an order of their own.
        let &[data, dtype, shape, order] = tree.tuple(arguments) else {
            return Err(
                unsupported("an array with its axes in this order is not read").hint("save the masks by themselves, as an array")
            );
        };
        return Ok(Some(Parts { shape, dtype, fortran_order: tree.text(order)?.as_deref() == Some("F"), data }));
    }
    Ok(None)
}

/// A type as it stands in plain files, `<u2`: made from (`u2`, …) and given the state (version, `<`, …).
fn descr(tree: &Tree, id: Id) -> Result<Option<String>> {
    let Node::Made { callable, arguments, state: Some(state) } = *tree.node(id) else { return Ok(None) };
    if !tree.is_global(callable, &["numpy"], "dtype")? {
        return Ok(None);
    }
    let (&[code, ..], &[_, order, ..]) = (tree.tuple(arguments), tree.tuple(state)) else { return Ok(None) };
    Ok(tree.text(order)?.zip(tree.text(code)?).map(|(order, code)| order + &code))
}

/// The bytes of an array; protocol 2 has none and makes them by encoding a text.
fn data(tree: &Tree, id: Id) -> Result<Option<Data>> {
    match *tree.node(id) {
        Node::Bytes(span) => Ok(Some(Data::Bytes(span))),
        Node::Made { callable, arguments, .. } if tree.is_global(callable, &["_codecs"], "encode")? => {
            match (tree.tuple(arguments), tree.tuple(arguments).first().map(|&text| tree.node(text))) {
                (&[_, encoding], Some(&Node::Text(span))) if tree.text(encoding)?.as_deref() == Some("latin1") => {
                    Ok(Some(Data::Latin1(span)))
                }
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}
