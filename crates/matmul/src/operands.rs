//! Operands as the bytes that a device reads.

use rayon::prelude::*;

/// Columns that are transposed at a time: their numbers share the cache lines that are read.
const NEIGHBOURS: usize = 16;
/// Numbers that are converted at a time.
const CHUNK: usize = 1 << 14;

/// The numbers in order, of `bytes` bytes each. Uses the current rayon pool.
pub fn in_order<T: Copy + Sync>(
    values: &[T],
    bytes: usize,
    write: impl Fn(T, &mut [u8]) + Sync,
) -> Vec<u8> {
    let mut out = vec![0; values.len() * bytes];
    out.par_chunks_mut(CHUNK * bytes)
        .zip(values.par_chunks(CHUNK))
        .for_each(|(out, values)| {
            for (out, value) in out.chunks_exact_mut(bytes).zip(values) {
                write(*value, out);
            }
        });
    out
}

/// The transpose of a row-major matrix, row by row. Uses the current rayon pool.
pub fn transposed<T: Copy + Sync>(
    values: &[T],
    columns: usize,
    bytes: usize,
    write: impl Fn(T, &mut [u8]) + Sync,
) -> Vec<u8> {
    let row_bytes = values.len() / columns * bytes;
    let mut out = vec![0; values.len() * bytes];
    out.par_chunks_mut(NEIGHBOURS * row_bytes)
        .enumerate()
        .for_each(|(block, out)| {
            let first = block * NEIGHBOURS;
            for (row, values) in values.chunks_exact(columns).enumerate() {
                let out = out.chunks_exact_mut(row_bytes);
                for (out, value) in out.zip(&values[first..]) {
                    write(*value, &mut out[row * bytes..][..bytes]);
                }
            }
        });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_matrix_has_its_columns_as_rows() {
        for (rows, columns) in [(3, 2), (5, 37), (40, 16), (1, 33)] {
            let values: Vec<u16> = (0..rows * columns).map(|i| i as u16).collect();
            let write = |value: u16, out: &mut [u8]| out.copy_from_slice(&value.to_le_bytes());
            let number =
                |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]);
            let (plain, turned) = (
                in_order(&values, 2, write),
                transposed(&values, columns, 2, write),
            );
            for row in 0..rows {
                for column in 0..columns {
                    let value = values[row * columns + column];
                    assert_eq!(number(&plain, row * columns + column), value);
                    assert_eq!(number(&turned, column * rows + row), value);
                }
            }
        }
    }
}
