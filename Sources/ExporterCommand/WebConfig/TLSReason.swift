/// Why TLS failed, in a few words.
enum TLSReason {
    /// BoringSSL's own words without its numbers and source files: `peer did not return a certificate`.
    static func words(_ error: any Error) -> String {
        let text = "\(error)"
        // error:100000c0:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at /a/file.cc:348
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let words = parts.indices.dropLast(4).filter { parts[$0].hasSuffix("error") }.map { index in
            let reason = parts[index + 4].split(separator: " ").prefix { $0 != "at" }.joined(separator: " ")
            return String(reason.lowercased().map { $0 == "_" ? " " : $0 })
        }
        return words.isEmpty ? text : words.joined(separator: ", ")
    }
}
