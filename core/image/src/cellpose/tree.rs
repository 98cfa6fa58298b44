//! What a pickle holds.

use fewlabel_contract::Result;

use super::failed;
use crate::positioned_file::PositionedFile;

/// Number of a node in its tree.
pub(super) type Id = u32;

/// Part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u64,
    pub length: u64,
}

/// An object of the pickle. What it holds are numbers of nodes, so that nothing is followed that is not looked for, however
/// deep or in circles it goes.
#[derive(Debug)]
pub(super) enum Node {
    /// A whole number or a truth value.
    Int(i64),
    Text(Span),
    Bytes(Span),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    /// Keys and values, in the order in which they were set.
    Dict(Vec<(Id, Id)>),
    /// A function or class: nodes of its module and its name.
    Global(Id, Id),
    /// What calling a node with a tuple of arguments would make, and the state it would be given.
    Made {
        callable: Id,
        arguments: Id,
        state: Option<Id>,
    },
    /// Anything else.
    Other,
}

/// Texts that are compared here are no longer than this.
const LONGEST_TEXT: u64 = 64;

/// The objects of a pickle, whose texts and bytes stay in the file.
#[derive(Debug)]
pub(super) struct Tree {
    pub file: PositionedFile,
    pub nodes: Vec<Node>,
    /// The object that was pickled.
    pub root: Id,
}

impl Tree {
    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id as usize).unwrap_or(&Node::Other)
    }

    /// A short text; `None` for all else.
    pub(super) fn text(&self, id: Id) -> Result<Option<String>> {
        match *self.node(id) {
            // Python 2 has one type for texts and bytes.
            Node::Text(span) | Node::Bytes(span) if span.length <= LONGEST_TEXT => {
                let mut bytes = vec![0; span.length as usize];
                self.file.read_exact_at(&mut bytes, span.start).map_err(|e| failed(&e))?;
                Ok(String::from_utf8(bytes).ok())
            }
            _ => Ok(None),
        }
    }

    pub(super) fn tuple(&self, id: Id) -> &[Id] {
        match self.node(id) {
            Node::Tuple(items) => items,
            _ => &[],
        }
    }

    pub(super) fn int(&self, id: Id) -> Option<i64> {
        match *self.node(id) {
            Node::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Whether a node is this function or class, of one of these modules.
    pub(super) fn is_global(&self, id: Id, modules: &[&str], name: &str) -> Result<bool> {
        let Node::Global(module_id, name_id) = *self.node(id) else { return Ok(false) };
        Ok(self.text(name_id)?.as_deref() == Some(name)
            && self.text(module_id)?.is_some_and(|module| modules.contains(&module.as_str())))
    }
}
