// A sparse matrix in a file that numpy reads with three calls: rows, columns and cells as int64; starts as int64, columns
// as uint32, values as float32; little-endian.

import Glibc
import Learning

/// Why a matrix file could not be used.
struct MatrixFileError: Error {
    let reason: String
}

enum MatrixFile {
    static func write(_ matrix: SparseMatrix, to path: String) throws {
        guard let file = fopen(path, "wb") else { throw MatrixFileError(reason: "cannot write \(path)") }
        defer { fclose(file) }
        try write([Int64(matrix.rowCount), Int64(matrix.columnCount), Int64(matrix.count)], to: file)
        try write(matrix.starts.map(Int64.init), to: file)
        try write(matrix.columns, to: file)
        try write(matrix.values, to: file)
    }

    static func read(_ path: String) throws -> SparseMatrix {
        guard let file = fopen(path, "rb") else { throw MatrixFileError(reason: "cannot read \(path)") }
        defer { fclose(file) }
        let shape: [Int64] = try read(3, zero: 0, from: file)
        let count = Int(shape[2])
        return SparseMatrix(
            rowCount: Int(shape[0]), columnCount: Int(shape[1]),
            starts: try read(Int(shape[0]) + 1, zero: Int64(0), from: file).map(Int.init),
            columns: try read(count, zero: 0, from: file), values: try read(count, zero: 0, from: file))
    }

    private static func write<Element: BitwiseCopyable>(_ values: [Element], to file: UnsafeMutablePointer<FILE>) throws
    {
        guard fwrite(values, MemoryLayout<Element>.stride, values.count, file) == values.count else {
            throw MatrixFileError(reason: "the disk is full")
        }
    }

    private static func read<Element: BitwiseCopyable>(
        _ count: Int, zero: Element, from file: UnsafeMutablePointer<FILE>
    ) throws -> [Element] {
        var values = [Element](repeating: zero, count: count)
        guard fread(&values, MemoryLayout<Element>.stride, count, file) == count else {
            throw MatrixFileError(reason: "the file is too short")
        }
        return values
    }
}
