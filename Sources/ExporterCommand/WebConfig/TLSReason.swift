/// Why TLS failed, in a few words.
enum TLSReason {
    /// BoringSSL's own words without its numbers and source files: `peer did not return a certificate`.
    static func words(_ error: any Error) -> String {
        let text = "\(error)"
        let words = text.split(separator: "error:").dropFirst().compactMap { entry -> String? in
            // error:100000c0:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at /a/file.cc:348
            let parts = entry.split(separator: ":")
            guard parts.count > 3, let reason = parts[3].split(separator: " at ").first else { return nil }
            return reason.lowercased().replacing("_", with: " ")
        }
        return words.isEmpty ? text : words.joined(separator: ", ")
    }
}
