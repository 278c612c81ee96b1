//! Statements as boxes: a set of rows for each variable. What is left of a box when others are
//! taken away, until the first cell that none of them holds. What rows stand for is in `columns`.

/// Most rows of one variable.
pub(crate) const MOST_ROWS: usize = 256;
/// Most cuts of one comparison, and looks at boxes that might cut.
pub(crate) const CUT_BUDGET: usize = 1_000_000;

/// A set of rows of one variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows([u64; MOST_ROWS / 64]);

impl Rows {
    pub(crate) const NONE: Rows = Rows([0; MOST_ROWS / 64]);

    /// The first so many rows.
    pub(crate) fn first(count: usize) -> Self {
        let mut all = Rows::NONE;
        for row in 0..count {
            all.add(row);
        }
        all
    }

    pub(crate) fn add(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; MOST_ROWS / 64]
    }

    pub(crate) fn and(&self, other: &Rows) -> Rows {
        self.each(other, |a, b| a & b)
    }

    pub(crate) fn or(&self, other: &Rows) -> Rows {
        self.each(other, |a, b| a | b)
    }

    pub(crate) fn without(&self, other: &Rows) -> Rows {
        self.each(other, |a, b| a & !b)
    }

    /// The least row.
    pub(crate) fn least(&self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        self.0.get(word).map(|bits| word * 64 + bits.trailing_zeros() as usize)
    }

    fn each(&self, other: &Rows, join: impl Fn(u64, u64) -> u64) -> Rows {
        let mut joined = Rows::NONE;
        for (to, (a, b)) in joined.0.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *to = join(*a, *b);
        }
        joined
    }
}

/// A set of rows for each variable, in one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cells(pub(crate) Vec<Rows>);

impl Cells {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().any(Rows::is_empty)
    }

    pub(crate) fn and(&self, other: &Cells) -> Cells {
        Cells(self.0.iter().zip(&other.0).map(|(a, b)| a.and(b)).collect())
    }

    fn meets(&self, other: &Cells) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| !a.and(b).is_empty())
    }
}

/// What became of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    /// A box that none of those taken away meets.
    Some(Cells),
    /// The budget is spent.
    Open,
}

/// What is left of a box without the others, each of a statement: the first piece that is found.
/// `used` tells afterwards which statements took something away.
pub(crate) fn left(whole: Cells, taken: &[(usize, &Cells)], budget: &mut usize, used: &mut [bool]) -> Left {
    if whole.is_empty() {
        return Left::Nothing;
    }
    // INVARIANT: a piece on the stack meets none of the boxes before its position.
    let mut stack: Vec<(Cells, usize)> = vec![(whole, 0)];
    while let Some((mut piece, mut at)) = stack.pop() {
        let gone = loop {
            let Some((statement, cut)) = taken.get(at) else {
                break false;
            };
            at += 1;
            if *budget == 0 {
                return Left::Open;
            }
            *budget -= 1;
            if !piece.meets(cut) {
                continue;
            }
            if let Some(used) = used.get_mut(*statement) {
                *used = true;
            }
            // Along each variable: what lies outside the cut is a piece of its own, and the
            // rest goes on to the next variable.
            for place in 0..piece.0.len() {
                let (Some(own), Some(other)) = (piece.0.get(place).copied(), cut.0.get(place)) else {
                    continue;
                };
                let outside = own.without(other);
                if outside.is_empty() {
                    continue;
                }
                *budget = budget.saturating_sub(1);
                let mut rest = piece.clone();
                if let (Some(kept), Some(cut_off)) = (piece.0.get_mut(place), rest.0.get_mut(place)) {
                    *kept = own.and(other);
                    *cut_off = outside;
                }
                stack.push((rest, at));
            }
            break true;
        };
        if !gone {
            return Left::Some(piece);
        }
    }
    Left::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(rows: &[&[usize]]) -> Cells {
        Cells(
            rows.iter()
                .map(|rows| {
                    let mut set = Rows::NONE;
                    rows.iter().for_each(|row| set.add(*row));
                    set
                })
                .collect(),
        )
    }

    #[test]
    fn rows_are_sets() {
        let mut rows = Rows::first(70);
        rows = rows.without(&Rows::first(65));
        assert_eq!(rows.least(), Some(65));
        assert!(rows.and(&Rows::first(3)).is_empty());
        assert_eq!(Rows::NONE.least(), None);
    }

    fn left(whole: &Cells, taken: &[Cells], budget: &mut usize) -> Left {
        let taken: Vec<(usize, &Cells)> = taken.iter().enumerate().collect();
        super::left(whole.clone(), &taken, budget, &mut [])
    }

    #[test]
    fn what_took_something_away_is_told() {
        let boxes = [cells(&[&[2], &[0]]), cells(&[&[0, 1], &[0, 2]]), cells(&[&[0], &[0]])];
        let taken: Vec<(usize, &Cells)> = boxes.iter().enumerate().collect();
        let mut used = [false; 3];
        assert_eq!(super::left(cells(&[&[0, 1], &[0]]), &taken, &mut 100, &mut used), Left::Nothing);
        assert_eq!(used, [false, true, false]);
    }

    #[test]
    fn a_union_of_boxes_covers_what_no_member_does() {
        let whole = cells(&[&[0, 1], &[0, 1]]);
        let halves = [cells(&[&[0], &[0, 1]]), cells(&[&[1], &[0, 1]])];
        assert_eq!(left(&whole, &halves, &mut 100), Left::Nothing);
        let corner = [cells(&[&[0], &[0, 1]]), cells(&[&[1], &[0]])];
        assert_eq!(left(&whole, &corner, &mut 100), Left::Some(cells(&[&[1], &[1]])));
        assert_eq!(left(&whole, &corner, &mut 0), Left::Open);
        assert_eq!(left(&cells(&[&[], &[0]]), &[], &mut 0), Left::Nothing);
    }

    #[test]
    fn every_cell_is_told_from_its_neighbours() {
        // All pairs of rows but one, each as a box of its own, in three variables.
        for missing in 0..27_usize {
            let of = |at: usize| [at % 3, at / 3 % 3, at / 9];
            let others: Vec<Cells> = (0..27)
                .filter(|at| *at != missing)
                .map(|at| of(at).map(|row| vec![row]))
                .map(|rows| cells(&[&rows[0], &rows[1], &rows[2]]))
                .collect();
            let expected = of(missing).map(|row| vec![row]);
            let expected = cells(&[&expected[0], &expected[1], &expected[2]]);
            let whole = Cells(vec![Rows::first(3); 3]);
            assert_eq!(left(&whole, &others, &mut 10_000), Left::Some(expected));
        }
    }
}
