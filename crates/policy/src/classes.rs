//! Strings sorted into classes: all patterns of one variable are run side by side, and of each
//! combination of patterns that some text can meet a shortest such text is kept. What the
//! patterns mean in a statement is in `columns`.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use crate::pattern::{Token, lower};
use crate::prefixes::{self, Plain};

/// Most states of one run; beyond it the variable is left open.
pub(crate) const STATE_CAP: usize = 20_000;
/// Most steps of machines of one comparison.
const STEP_CAP: usize = 5_000_000;

/// What is left of the steps of one comparison: all its runs share them.
#[derive(Clone, Debug)]
pub(crate) struct Steps(Rc<Cell<usize>>);

impl Default for Steps {
    fn default() -> Self {
        Steps(Rc::new(Cell::new(STEP_CAP)))
    }
}

impl Steps {
    /// Whether these could still be taken.
    #[must_use]
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Where a wildcard may pass a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passes {
    Always,
    Never,
    /// After the fifth colon of the text.
    Late,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Char(char),
    One(Passes),
    Run(Passes),
    /// A variable, as a letter of its own.
    Hole(usize),
}

/// How a pattern reads colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colons {
    /// As any character.
    Plain,
    /// Six parts, of which only the last may hold one.
    Arn,
    /// A `Resource`: a `*` at the end of a segment passes.
    Resource {
        /// It is not certain which of `*?` ends the segment.
        star_moved: bool,
        /// After the fifth colon every wildcard passes.
        loose: bool,
    },
}

/// One pattern of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source<'a> {
    /// In normal form.
    pub(crate) tokens: Cow<'a, [Token]>,
    pub(crate) folds: bool,
    pub(crate) colons: Colons,
}

/// A pattern, made ready to run.
struct Machine {
    steps: Vec<Step>,
    folds: bool,
}

/// What texts there are at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Universe {
    /// Any text.
    Any,
    /// `prefix:name` in lower case.
    Action,
    /// `arn:partition:service:region:account:resource`.
    Arn,
}

/// A variable of the policy language as two letters: its value, and its value in other case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) inside: String,
    /// Its values never hold a colon.
    pub(crate) without_colon: bool,
}

/// A text, and the machines that take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) text: String,
    /// In ascending order.
    pub(crate) takers: Vec<usize>,
}

impl Class {
    pub(crate) fn is_taken_by(&self, machine: usize) -> bool {
        self.takers.binary_search(&machine).is_ok()
    }
}

impl Colons {
    /// What a wildcard may pass, of which the next token and how many colons are before it is given.
    fn passes(self, token: &Token, next: Option<&Token>, divided: usize) -> Passes {
        let ends = matches!(next, None | Some(Token::Literal(':')));
        match self {
            Colons::Plain => Passes::Always,
            Colons::Arn if divided >= 5 => Passes::Always,
            Colons::Arn => Passes::Never,
            Colons::Resource { star_moved, loose } => match token {
                Token::Run if ends && (loose || !star_moved) => Passes::Always,
                _ if loose => Passes::Late,
                _ => Passes::Never,
            },
        }
    }
}

impl Source<'_> {
    /// Without letters a variable stands for any text.
    fn machine(&self, letters: &[Letter]) -> Machine {
        let mut divided = 0;
        let step = |(at, token): (usize, &Token)| {
            let passes = || self.colons.passes(token, self.tokens.get(at + 1), divided);
            match token {
                Token::One => Step::One(passes()),
                Token::Run => Step::Run(passes()),
                Token::Literal(c) => {
                    divided += usize::from(*c == ':');
                    Step::Char(prefixes::folded(*c, self.folds))
                }
                Token::Hole(inside) => {
                    let place = letters.iter().position(|letter| letter.inside == **inside);
                    place.map_or(Step::Run(Passes::Always), Step::Hole)
                }
            }
        };
        Machine { steps: self.tokens.iter().enumerate().map(step).collect(), folds: self.folds }
    }

    /// As a whole text or the beginning of one, if it is one of these; variables stand for any text.
    fn plain(&self) -> Option<Plain> {
        let (open, fixed) = match self.tokens.split_last() {
            Some((Token::Hole(_), fixed)) => (true, fixed),
            Some((last @ Token::Run, fixed)) => {
                let divided = fixed.iter().filter(|token| **token == Token::Literal(':')).count();
                if self.colons.passes(last, None, divided) != Passes::Always {
                    return None;
                }
                (true, fixed)
            }
            _ => (false, &*self.tokens),
        };
        let mut text = String::with_capacity(fixed.len());
        for token in fixed {
            let Token::Literal(c) = token else {
                return None;
            };
            text.push(prefixes::folded(*c, self.folds));
        }
        Some(Plain { text, open })
    }
}

/// A letter of a word: a character, or a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Char(char),
    /// The number of the variable, and whether in other case.
    Hole(usize, bool),
}

struct Run<'a> {
    universe: Universe,
    letters: &'a [Letter],
    /// Of all machines one after the other: the step at each position, and whether it folds;
    /// None at the end of a machine.
    steps: Vec<(Option<&'a Step>, bool)>,
    /// The end position of each machine.
    ends: Vec<u32>,
    cased: bool,
    colons_matter: bool,
}

/// The classes of the texts of a universe; None when there are more states than the cap, or no steps left. The empty text
/// is a class of its own. Letters stand for variables in the texts, as `\u{0}`.
pub(crate) fn classes(
    patterns: &[Source<'_>],
    universe: Universe,
    letters: &[Letter],
    steps: &Steps,
) -> Option<Vec<Class>> {
    if letters.is_empty()
        && let Some(found) = plainly(patterns, universe)
    {
        return Some(found);
    }
    let machines: Vec<Machine> = patterns.iter().map(|pattern| pattern.machine(letters)).collect();
    run(&machines, universe, letters, steps)
}

/// Where every pattern is a whole text or the beginning of one.
fn plainly(patterns: &[Source<'_>], universe: Universe) -> Option<Vec<Class>> {
    let folds = patterns.first().is_some_and(|pattern| pattern.folds);
    if patterns.iter().any(|pattern| pattern.folds != folds) {
        return None;
    }
    prefixes::classes(&patterns.iter().map(Source::plain).collect::<Option<Vec<Plain>>>()?, universe, folds)
}

fn run(machines: &[Machine], universe: Universe, letters: &[Letter], left: &Steps) -> Option<Vec<Class>> {
    let mut steps = Vec::new();
    let mut ends = Vec::new();
    let mut start: Vec<u32> = Vec::new();
    for machine in machines {
        start.push(u32::try_from(steps.len()).ok()?);
        steps.extend(machine.steps.iter().map(|step| (Some(step), machine.folds)));
        ends.push(u32::try_from(steps.len()).ok()?);
        steps.push((None, machine.folds));
    }
    let colons_matter = universe != Universe::Any
        || steps.iter().any(|(step, _)| matches!(step, Some(Step::One(p) | Step::Run(p)) if *p != Passes::Always));
    let cased = machines.iter().any(|m| m.folds) && machines.iter().any(|m| !m.folds);
    let run = Run { universe, letters, steps, ends, cased, colons_matter };
    run.explore(start, left)
}

/// All states found so far, one after the other.
#[derive(Default)]
struct States {
    positions: Vec<u32>,
    /// Of each: its place, where its positions begin, and what it was reached from, by what.
    all: Vec<(u8, u32, u32, Option<Read>)>,
    /// By hash; 0 is free, others are numbers of states, from 1.
    slots: Vec<u32>,
}

impl States {
    fn positions(&self, state: usize) -> &[u32] {
        let start = self.all.get(state).map_or(0, |(_, start, ..)| *start as usize);
        let end = self.all.get(state + 1).map_or(self.positions.len(), |(_, start, ..)| *start as usize);
        self.positions.get(start..end).unwrap_or_default()
    }

    fn place(&self, state: usize) -> u8 {
        self.all.get(state).map_or(0, |(place, ..)| *place)
    }

    /// The number of a state, and whether it is a new one.
    fn add(&mut self, place: u8, positions: &[u32], from: usize, read: Option<Read>) -> Option<(usize, bool)> {
        if self.slots.len() < 2 * (self.all.len() + 1) {
            self.widen();
        }
        let mut slot = hash(place, positions) & (self.slots.len() - 1);
        loop {
            match self.slots.get(slot).copied()? {
                0 => break,
                number => {
                    let state = number as usize - 1;
                    if self.place(state) == place && self.positions(state) == positions {
                        return Some((state, false));
                    }
                }
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let start = u32::try_from(self.positions.len()).ok()?;
        self.positions.extend_from_slice(positions);
        self.all.push((place, start, u32::try_from(from).ok()?, read));
        if let Some(free) = self.slots.get_mut(slot) {
            *free = u32::try_from(self.all.len()).ok()?;
        }
        Some((self.all.len() - 1, true))
    }

    fn widen(&mut self) {
        let size = (self.slots.len() * 2).max(256);
        let mut slots = vec![0_u32; size];
        for number in 1..=self.all.len() {
            let mut slot = hash(self.place(number - 1), self.positions(number - 1)) & (size - 1);
            while slots.get(slot).is_some_and(|taken| *taken != 0) {
                slot = (slot + 1) & (size - 1);
            }
            if let (Some(free), Ok(number)) = (slots.get_mut(slot), u32::try_from(number)) {
                *free = number;
            }
        }
        self.slots = slots;
    }
}

fn hash(place: u8, positions: &[u32]) -> usize {
    let mix = |sum: u64, n: &u32| (sum.rotate_left(5) ^ u64::from(*n)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let sum = positions.iter().fold(u64::from(place) + 1, mix);
    usize::try_from((sum ^ (sum >> 32)) & 0x7fff_ffff).unwrap_or(0)
}

impl Run<'_> {
    fn explore(&self, mut first: Vec<u32>, left: &Steps) -> Option<Vec<Class>> {
        let mut states = States::default();
        let mut all: Vec<Class> = Vec::new();
        self.skip_runs(&mut first);
        if self.universe == Universe::Any {
            all.push(Class { text: String::new(), takers: self.takers(&first) });
        }
        states.add(0, &first, 0, None)?;
        let mut at = 0;
        let (mut reads, mut next): (Vec<Read>, Vec<u32>) = (Vec::new(), Vec::new());
        while at < states.all.len() {
            let place = states.place(at);
            self.reads(place, states.positions(at), &mut reads);
            if !left.spend(reads.len() * (states.positions(at).len() + 1)) {
                return None;
            }
            for read in &reads {
                let Some(next_place) = self.step(place, states.positions(at), *read, &mut next) else {
                    continue;
                };
                let (number, fresh) = states.add(next_place, &next, at, Some(*read))?;
                // The start state is that of the empty text; a longer one may come back to it.
                if fresh || number == 0 {
                    self.note(next_place, &next, (at, *read), &states, &mut all);
                }
                if states.all.len() > STATE_CAP {
                    return None;
                }
            }
            at += 1;
        }
        Some(all)
    }

    fn note(&self, place: u8, positions: &[u32], (from, read): (usize, Read), states: &States, all: &mut Vec<Class>) {
        let accepted = match self.universe {
            Universe::Any => true,
            Universe::Action => place == 3,
            Universe::Arn => place == 11,
        };
        if !accepted {
            return;
        }
        let takers = self.takers(positions);
        if all.iter().any(|class| class.takers == takers && !class.text.is_empty()) {
            return;
        }
        let mut word = vec![read];
        let mut before = from;
        while let Some((_, _, from, Some(read))) = states.all.get(before) {
            word.push(*read);
            before = *from as usize;
        }
        let letter = |read: &Read| match read {
            Read::Char(c) => *c,
            Read::Hole(..) => '\u{0}',
        };
        all.push(Class { text: word.iter().rev().map(letter).collect(), takers });
    }

    fn takers(&self, positions: &[u32]) -> Vec<usize> {
        let ended = |position: &u32| self.ends.binary_search(position).ok();
        positions.iter().filter_map(ended).collect()
    }

    /// What to try in a state: each character that some machine waits for, a colon where it is
    /// special, and one of the rest.
    fn reads(&self, place: u8, positions: &[u32], reads: &mut Vec<Read>) {
        reads.clear();
        let mut add = |c: char| {
            if !reads.contains(&Read::Char(c)) {
                reads.push(Read::Char(c));
            }
        };
        for position in positions {
            if let Some((Some(Step::Char(c)), folds)) = self.steps.get(*position as usize) {
                add(*c);
                if *folds && self.cased {
                    c.to_uppercase().for_each(&mut add);
                }
            }
        }
        if self.colons_matter {
            add(':');
        }
        if let Universe::Arn = self.universe
            && let Some(c) = "arn".chars().nth(usize::from(place))
        {
            add(c);
        }
        let (rest, more) = match self.universe {
            Universe::Action => ("xyzwvutsrqponmlkjihgfedcba0123456789-", 'a'..'a'),
            // More than a state can wait for, as it holds no more than the cap allows.
            _ => ("xyzwvutsrqponmlkjihgfedcba0123456789XYZWVUTSRQPONMLKJIHGFEDCBA_-.=@~", '\u{100}'..'\u{d000}'),
        };
        let waits = |c: &char| reads.iter().any(|read| matches!(read, Read::Char(own) if same(*own, *c)));
        let other = rest.chars().chain(more).find(|c| !waits(c));
        reads.extend(other.map(Read::Char));
        let holes = (0..self.letters.len()).flat_map(|letter| [Read::Hole(letter, false), Read::Hole(letter, true)]);
        reads.extend(holes);
    }

    /// The positions after one more letter, and the place.
    fn step(&self, place: u8, positions: &[u32], read: Read, next: &mut Vec<u32>) -> Option<u8> {
        let next_place = self.move_on(place, read)?;
        let late = place == 11;
        next.clear();
        for position in positions {
            let Some((Some(step), folds)) = self.steps.get(*position as usize) else {
                continue;
            };
            let passes = |passes: &Passes| match (passes, read) {
                (Passes::Always, _) => true,
                (Passes::Late, _) if late => true,
                (_, Read::Char(c)) => c != ':',
                (_, Read::Hole(letter, _)) => self.letters.get(letter).is_some_and(|letter| letter.without_colon),
            };
            match (step, read) {
                (Step::Char(own), Read::Char(c)) if *own == c || (*folds && *own == lower(c)) => {
                    next.push(position + 1)
                }
                (Step::One(p), Read::Char(_)) if passes(p) => next.push(position + 1),
                (Step::Run(p), _) if passes(p) => next.push(*position),
                (Step::Hole(own), Read::Hole(letter, other)) if *own == letter && (*folds || !other) => {
                    next.push(position + 1)
                }
                _ => {}
            }
        }
        self.skip_runs(next);
        Some(next_place)
    }

    fn skip_runs(&self, positions: &mut Vec<u32>) {
        let mut at = 0;
        while let Some(position) = positions.get(at).copied() {
            if let Some((Some(Step::Run(_)), _)) = self.steps.get(position as usize) {
                positions.push(position + 1);
            }
            at += 1;
        }
        positions.sort_unstable();
        positions.dedup();
    }

    /// The place in the grammar of the universe after one more letter.
    fn move_on(&self, place: u8, read: Read) -> Option<u8> {
        let Read::Char(c) = read else {
            return match (self.universe, place) {
                (Universe::Any, place) => Some(place),
                (Universe::Arn, 5 | 7 | 8 | 9 | 11) => Some(place),
                (Universe::Arn, 4 | 6) => Some(place + 1),
                _ => None,
            };
        };
        match self.universe {
            Universe::Any => Some(0),
            // 0 start, 1 in the prefix, 2 after the colon, 3 in the name.
            Universe::Action => match (place, c) {
                (1, ':') => Some(2),
                (_, ':') => None,
                (0 | 1, 'a'..='z' | '0'..='9' | '-') => Some(1),
                (2 | 3, 'a'..='z' | '0'..='9') => Some(3),
                _ => None,
            },
            // 0 to 3 `arn:`; 4 and 5 partition, 6 and 7 service, from the first to a later
            // letter; 8 region; 9 account; 11 the rest.
            Universe::Arn => match (place, c) {
                (0, 'a') => Some(1),
                (1, 'r') => Some(2),
                (2, 'n') => Some(3),
                (3, ':') => Some(4),
                (5, ':') => Some(6),
                (7, ':') => Some(8),
                (8, ':') => Some(9),
                (9, ':') => Some(11),
                (4 | 6, c) if c != ':' => Some(place + 1),
                (5 | 7 | 8 | 9, c) if c != ':' => Some(place),
                (11, _) => Some(11),
                _ => None,
            },
        }
    }
}

fn same(a: char, b: char) -> bool {
    a == b || lower(a) == lower(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, Variables};

    fn source(text: &str, colons: Colons) -> Source<'static> {
        Source { tokens: Pattern::glob(text, Variables::Plain).into_tokens().into(), folds: false, colons }
    }

    fn taken(patterns: &[&str], universe: Universe, colons: Colons) -> Vec<Vec<usize>> {
        let patterns: Vec<Source<'_>> = patterns.iter().map(|p| source(p, colons)).collect();
        let mut all: Vec<Vec<usize>> = classes(&patterns, universe, &[], &Steps::default())
            .unwrap()
            .into_iter()
            .map(|class| class.takers)
            .collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn combinations_that_some_text_meets() {
        assert_eq!(taken(&["a*", "*b"], Universe::Any, Colons::Plain), [vec![], vec![0], vec![0, 1], vec![1]]);
        assert_eq!(taken(&["a*", "ab"], Universe::Any, Colons::Plain), [vec![], vec![0], vec![0, 1]]);
        assert_eq!(taken(&["*?", "?*"], Universe::Any, Colons::Plain), [vec![], vec![0, 1]]);
        assert_eq!(taken(&["s3:*", "*"], Universe::Action, Colons::Plain), [vec![0, 1], vec![1]]);
    }

    #[test]
    fn a_wildcard_inside_a_segment_stays_there() {
        let resource = Colons::Resource { star_moved: false, loose: false };
        let found = taken(&["arn:aws:s3:::a*b", "arn:aws:s3:::a*"], Universe::Arn, resource);
        assert_eq!(found, [vec![], vec![0, 1], vec![1]]);
        let classes = classes(
            &[source("arn:aws:s3:::a*", resource), source("arn:*:*:*:*:a?*", Colons::Arn)],
            Universe::Arn,
            &[],
            &Steps::default(),
        );
        assert!(classes.unwrap().iter().all(|class| class.text.matches(':').count() >= 5));
    }

    #[test]
    fn a_wildcard_that_stops_at_a_colon_is_no_beginning() {
        assert_eq!(taken(&["a*", "ab", "a:"], Universe::Any, Colons::Arn), [vec![], vec![0], vec![0, 1], vec![2]]);
    }

    #[test]
    fn a_union_covers_what_no_member_does() {
        let found = taken(&["a*", "ab*", "a", "a?"], Universe::Any, Colons::Plain);
        assert!(found.contains(&vec![0]), "{found:?}");
        assert!(!found.contains(&vec![1]), "{found:?}");
    }

    #[test]
    fn folding_beside_exact_case() {
        let exact = source("Ab", Colons::Plain);
        let folding = Source { folds: true, ..source("ab", Colons::Plain) };
        let found = classes(&[exact, folding], Universe::Any, &[], &Steps::default()).unwrap();
        let takers: Vec<&[usize]> = found.iter().map(|class| class.takers.as_slice()).collect();
        assert!(takers.contains(&[0, 1].as_slice()) && takers.contains(&[1].as_slice()));
    }

    #[test]
    fn too_many_states_are_left_open() {
        let patterns: Vec<Source<'_>> =
            (0..24_u8).map(|at| source(&format!("*{0}*{0}*", char::from(b'a' + at)), Colons::Plain)).collect();
        assert!(classes(&patterns, Universe::Any, &[], &Steps::default()).is_none());
    }

    #[test]
    fn the_runs_of_a_comparison_share_its_steps() {
        let patterns = ["a*b?c", "*b*"].map(|text| source(text, Colons::Plain));
        let steps = Steps::default();
        let done = (0..STEP_CAP).take_while(|_| classes(&patterns, Universe::Any, &[], &steps).is_some()).count();
        assert!(done > 1_000, "{done}");
        assert!(!steps.spend(1), "and there are none for what comes then");
    }
}
