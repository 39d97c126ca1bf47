internal import CDeflate

/// Compresses whole bodies. Level 1: a scrape is compressed once and read once, so time counts more than bytes.
enum Gzip {
    /// Gzip of the bytes, or `nil` when there is no memory for it; the caller then sends them as they are.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard let compressor = libdeflate_alloc_compressor(1) else { return nil }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = libdeflate_gzip_compress(compressor, bytes, bytes.count, output.baseAddress, bound)
        }
        return compressed.isEmpty ? nil : compressed
    }
}
