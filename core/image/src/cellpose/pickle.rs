//! Pickles, read without running them.

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use fewlabel_contract::{Error, ErrorKind, Result};

use super::opcodes::*;
use super::tree::{Id, Node, Span, Tree};
use super::{OPERATION, cut_short, damaged, failed, unsupported};
use crate::positioned_file::PositionedFile;

/// Operations of a pickle: each makes one object at most, so this bounds the memory, too. Cellpose files have some hundreds.
const MOST_OPERATIONS: usize = 1 << 22;

/// Names of modules, classes and functions are no longer than this.
const LONGEST_LINE: u64 = 256;

/// Reads the pickle that stands in a part of a file.
///
/// # Errors
/// `unreadable-image` when it is cut short or damaged; `unsupported` when its data are not in it; `limit-exceeded`; `io`.
pub(super) fn read(file: &PositionedFile, part: Span) -> Result<Tree> {
    let mut reader = BufReader::new(file.clone());
    reader.seek(SeekFrom::Start(part.start)).map_err(|e| failed(&e))?;
    let input = Input { reader, position: part.start, end: part.start.saturating_add(part.length) };
    let mut machine = Machine { input, nodes: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
    for _ in 0..MOST_OPERATIONS {
        let [opcode] = machine.input.array()?;
        if opcode == STOP {
            let root = machine.pop()?;
            return Ok(Tree { file: file.clone(), nodes: machine.nodes, root });
        }
        machine.step(opcode)?;
    }
    Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the file holds more objects than allowed")
        .with("operations allowed", MOST_OPERATIONS)
        .hint("save the masks by themselves, as an array"))
}

/// What Python's machine for pickles has, with nodes for objects.
struct Machine {
    input: Input,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    /// Heights of the stack that were marked.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Machine {
    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            PROTO => drop(self.input.array::<1>()?),
            // How much a reader should fetch at once.
            FRAME => drop(self.input.array::<8>()?),
            MARK => self.marks.push(self.stack.len()),
            POP if self.stack.len() <= self.floor() => drop(self.pop_to_mark()?),
            POP => drop(self.pop()?),
            POP_MARK | ADDITEMS => drop(self.pop_to_mark()?),
            DUP => self.stack.push(self.top()?),
            BINGET => self.get(|input| input.array().map(|[number]| u32::from(number)))?,
            LONG_BINGET => self.get(|input| input.array().map(u32::from_le_bytes))?,
            BINPUT => self.put(|input, _| input.array().map(|[number]| u32::from(number)))?,
            LONG_BINPUT => self.put(|input, _| input.array().map(u32::from_le_bytes))?,
            MEMOIZE => self.put(|_, there| Ok(there))?,
            APPEND | SETITEM => {
                let count = if opcode == APPEND { 1 } else { 2 };
                let items = self.pop_several(count)?;
                self.add(&items)?;
            }
            APPENDS | SETITEMS => {
                let items = self.pop_to_mark()?;
                self.add(&items)?;
            }
            BUILD => self.build()?,
            _ => {
                let node = self.object(opcode)?;
                self.push(node);
            }
        }
        Ok(())
    }

    /// The object that an operation makes.
    fn object(&mut self, opcode: u8) -> Result<Node> {
        Ok(match opcode {
            NEWTRUE => Node::Int(1),
            NEWFALSE => Node::Int(0),
            BININT => Node::Int(i32::from_le_bytes(self.input.array()?).into()),
            BININT1 => Node::Int(u8::from_le_bytes(self.input.array()?).into()),
            BININT2 => Node::Int(u16::from_le_bytes(self.input.array()?).into()),
            LONG1 | LONG4 => self.input.long(if opcode == LONG1 { 1 } else { 4 })?,
            SHORT_BINUNICODE => Node::Text(self.input.sized(1)?),
            BINUNICODE => Node::Text(self.input.sized(4)?),
            BINUNICODE8 => Node::Text(self.input.sized(8)?),
            SHORT_BINBYTES | SHORT_BINSTRING => Node::Bytes(self.input.sized(1)?),
            BINBYTES | BINSTRING => Node::Bytes(self.input.sized(4)?),
            BINBYTES8 | BYTEARRAY8 => Node::Bytes(self.input.sized(8)?),
            EMPTY_LIST => Node::List(Vec::new()),
            LIST => Node::List(self.pop_to_mark()?),
            EMPTY_TUPLE => Node::Tuple(Vec::new()),
            TUPLE => Node::Tuple(self.pop_to_mark()?),
            TUPLE1 => Node::Tuple(self.pop_several(1)?),
            TUPLE2 => Node::Tuple(self.pop_several(2)?),
            TUPLE3 => Node::Tuple(self.pop_several(3)?),
            EMPTY_DICT => Node::Dict(Vec::new()),
            DICT => Node::Dict(pairs(&self.pop_to_mark()?)),
            GLOBAL => {
                let module = Node::Text(self.input.line()?);
                let name = Node::Text(self.input.line()?);
                Node::Global(self.new_node(module), self.new_node(name))
            }
            STACK_GLOBAL => {
                let name = self.pop()?;
                Node::Global(self.pop()?, name)
            }
            REDUCE => {
                let arguments = self.pop()?;
                Node::Made { callable: self.pop()?, arguments, state: None }
            }
            NEXT_BUFFER | READONLY_BUFFER => return Err(unsupported("the data lie outside of the file").hint("save it again")),
            other => return self.opaque(other),
        })
    }

    /// What is nothing of interest here, with all that belongs to it.
    fn opaque(&mut self, opcode: u8) -> Result<Node> {
        match opcode {
            NONE | EMPTY_SET => {}
            BINFLOAT => drop(self.input.array::<8>()?),
            FROZENSET | OBJ => drop(self.pop_to_mark()?),
            INST => {
                self.input.line()?;
                self.input.line()?;
                self.pop_to_mark()?;
            }
            NEWOBJ => drop(self.pop_several(2)?),
            NEWOBJ_EX => drop(self.pop_several(3)?),
            PERSID => drop(self.input.line()?),
            BINPERSID => drop(self.pop()?),
            EXT1 => drop(self.input.array::<1>()?),
            EXT2 => drop(self.input.array::<2>()?),
            EXT4 => drop(self.input.array::<4>()?),
            _ => return Err(damaged().with("operation", format!("{opcode:#04x}"))),
        }
        Ok(Node::Other)
    }

    fn new_node(&mut self, node: Node) -> Id {
        self.nodes.push(node);
        // An operation makes three nodes at most.
        (self.nodes.len() - 1) as Id
    }

    fn push(&mut self, node: Node) {
        let id = self.new_node(node);
        self.stack.push(id);
    }

    /// Height of the stack at the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id> {
        self.stack.get(self.floor()..).and_then(<[Id]>::last).copied().ok_or_else(damaged)
    }

    fn pop(&mut self) -> Result<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_several(&mut self, count: usize) -> Result<Vec<Id>> {
        let from = self.stack.len().checked_sub(count).filter(|&from| from >= self.floor()).ok_or_else(damaged)?;
        Ok(self.stack.split_off(from))
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>> {
        // Nothing is popped below a mark, so the stack is at least as high.
        let from = self.marks.pop().filter(|&from| from <= self.stack.len()).ok_or_else(damaged)?;
        Ok(self.stack.split_off(from))
    }

    fn get(&mut self, number: impl FnOnce(&mut Input) -> Result<u32>) -> Result<()> {
        let number = number(&mut self.input)?;
        let id = self.memo.get(&number).copied().ok_or_else(damaged)?;
        self.stack.push(id);
        Ok(())
    }

    /// Remembers the top under a number, which may be how many are remembered.
    fn put(&mut self, number: impl FnOnce(&mut Input, u32) -> Result<u32>) -> Result<()> {
        let number = number(&mut self.input, self.memo.len() as u32)?;
        let top = self.top()?;
        self.memo.insert(number, top);
        Ok(())
    }

    /// Adds items to the list, or keys and values to the dictionary, on top.
    fn add(&mut self, items: &[Id]) -> Result<()> {
        let top = self.top()? as usize;
        match self.nodes.get_mut(top) {
            Some(Node::List(list)) => list.extend_from_slice(items),
            Some(Node::Dict(entries)) => entries.extend(pairs(items)),
            _ => {}
        }
        Ok(())
    }

    fn build(&mut self) -> Result<()> {
        let new = self.pop()?;
        let top = self.top()? as usize;
        if let Some(Node::Made { state, .. }) = self.nodes.get_mut(top) {
            *state = Some(new);
        }
        Ok(())
    }
}

fn pairs(items: &[Id]) -> Vec<(Id, Id)> {
    items.as_chunks().0.iter().map(|&[key, value]| (key, value)).collect()
}

/// The bytes of the pickle. Long texts and arrays are passed over.
struct Input {
    reader: BufReader<PositionedFile>,
    position: u64,
    end: u64,
}

impl Input {
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        if self.end.saturating_sub(self.position) < N as u64 {
            return Err(cut_short());
        }
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|e| failed(&e))?;
        self.position += N as u64;
        Ok(bytes)
    }

    /// As many bytes as the number before them says, which has a `width` of 1, 4 or 8.
    fn sized(&mut self, width: usize) -> Result<Span> {
        let length = match width {
            1 => u8::from_le_bytes(self.array()?).into(),
            4 => u32::from_le_bytes(self.array()?).into(),
            _ => u64::from_le_bytes(self.array()?),
        };
        let span = Span { start: self.position, length };
        let by = i64::try_from(length).ok().filter(|_| length <= self.end.saturating_sub(self.position)).ok_or_else(cut_short)?;
        self.reader.seek_relative(by).map_err(|e| failed(&e))?;
        self.position += length;
        Ok(span)
    }

    /// A whole number in two's complement; longer ones than 64 bits are passed over.
    fn long(&mut self, width: usize) -> Result<Node> {
        let span = self.sized(width)?;
        if span.length > 8 {
            return Ok(Node::Other);
        }
        let mut bytes = vec![0; span.length as usize];
        self.reader.get_ref().read_exact_at(&mut bytes, span.start).map_err(|e| failed(&e))?;
        let sign = bytes.last().map_or(0, |&last| i64::from(last as i8 >> 7));
        Ok(Node::Int(bytes.iter().rev().fold(sign, |value, &byte| value << 8 | i64::from(byte))))
    }

    fn line(&mut self) -> Result<Span> {
        let start = self.position;
        while self.array()? != [b'\n'] {
            if self.position - start > LONGEST_LINE {
                return Err(damaged());
            }
        }
        Ok(Span { start, length: self.position - start - 1 })
    }
}
