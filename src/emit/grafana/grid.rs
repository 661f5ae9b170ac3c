//! Where panels stand: sizes come in, places in Grafana's grid of 24 columns go out.
//! Each panel takes the highest place at which it fits, the leftmost of these, below no
//! panel that came after it: nothing overlaps, whatever the sizes.

/// The columns of the grid.
pub(super) const COLUMNS: usize = 24;

/// How large a panel is, in columns and rows of 30 px.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) w: usize,
    pub(super) h: usize,
}

impl Size {
    /// The nearest size that a panel can have.
    pub(super) fn clamped(w: u64, h: u64) -> Size {
        let within = |n: u64, most: u64| usize::try_from(n.clamp(1, most)).unwrap_or(1);
        Size { w: within(w, COLUMNS as u64), h: within(h, 100) }
    }
}

/// A place and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) size: Size,
}

/// What is taken so far: how far down each column is filled.
#[derive(Default)]
pub(super) struct Grid {
    filled: [usize; COLUMNS],
}

impl Grid {
    /// The place of the next panel.
    pub(super) fn place(&mut self, size: Size) -> Place {
        let Size { w, h } = Size { w: size.w.clamp(1, COLUMNS), h: size.h.max(1) };
        let depth = |x: usize| self.filled[x..x + w].iter().copied().max().unwrap_or_default();
        let (y, x) = (0..=COLUMNS - w).map(|x| (depth(x), x)).min().unwrap_or_default();
        self.filled[x..x + w].fill(y + h);
        Place { x, y, size: Size { w, h } }
    }

    /// The place of a heading over the whole width, below everything so far.
    pub(super) fn row(&mut self) -> Place {
        let y = self.filled.iter().copied().max().unwrap_or_default();
        self.filled = [y + 1; COLUMNS];
        Place { x: 0, y, size: Size { w: COLUMNS, h: 1 } }
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Grid, Place, Size};
    use proptest::prelude::*;

    fn places(sizes: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut grid = Grid::default();
        sizes.iter().map(|&(w, h)| grid.place(Size { w, h })).map(|p| (p.x, p.y)).collect()
    }

    #[test]
    fn tiles_fill_the_room_beside_a_tall_panel() {
        let tiles = [(8, 8), (8, 4), (8, 4), (4, 4), (4, 4), (4, 4), (4, 4), (24, 9)];
        let at = [(0, 0), (8, 0), (16, 0), (8, 4), (12, 4), (16, 4), (20, 4), (0, 8)];
        assert_eq!(places(&tiles), at);
    }

    #[test]
    fn a_row_stands_below_everything() {
        let mut grid = Grid::default();
        grid.place(Size { w: 6, h: 9 });
        grid.place(Size { w: 6, h: 2 });
        assert_eq!(grid.row().y, 9);
        assert_eq!(grid.place(Size { w: 1, h: 1 }).y, 10);
    }

    proptest! {
        #[test]
        fn nothing_overlaps(sizes in proptest::collection::vec((0usize..30, 0usize..12), 0..40)) {
            let mut grid = Grid::default();
            let placed: Vec<Place> = sizes.iter().map(|&(w, h)| grid.place(Size { w, h })).collect();
            for (index, a) in placed.iter().enumerate() {
                prop_assert!(a.x + a.size.w <= COLUMNS);
                for b in &placed[..index] {
                    let apart = a.x + a.size.w <= b.x || b.x + b.size.w <= a.x
                        || a.y + a.size.h <= b.y || b.y + b.size.h <= a.y;
                    prop_assert!(apart, "{:?} {:?}", a, b);
                }
            }
        }
    }
}
