//! Rows to aligned columns.

/// A table of texts.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// What stands above the columns; may be empty.
    pub(super) head: Vec<String>,
    /// The rows.
    pub(super) rows: Vec<Vec<String>>,
    /// How many columns from the left are words; those after them are figures, which
    /// are aligned at their right.
    pub(super) words: usize,
}

impl Table {
    /// The lines: columns as wide as their widest cell, two spaces apart.
    pub(super) fn lines(&self) -> Vec<String> {
        let rows: Vec<&Vec<String>> =
            Some(&self.head).filter(|h| !h.is_empty()).into_iter().chain(&self.rows).collect();
        let columns = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &&Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(index, (cell, &width))| {
                if index < self.words {
                    format!("{cell:width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn words_to_the_left_and_figures_to_the_right() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let table = Table {
            head: row(["alert", "at", "1%"]),
            rows: vec![row(["page", "ü", "8m38s"]), row(["x", "", "-"])],
            words: 2,
        };
        assert_eq!(table.lines(), ["alert  at     1%", "page   ü   8m38s", "x              -"]);
        assert!(Table::default().lines().is_empty());
    }
}
