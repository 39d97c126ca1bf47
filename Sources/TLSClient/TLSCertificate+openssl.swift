internal import COpenSSL
internal import Glibc

extension TLSCertificate {
    /// Reads a certificate that somebody else owns.
    init(borrowing raw: OpaquePointer) {
        self.init(
            subject: Self.text { COpenSSL_print_name($0, X509_get_subject_name(raw)) },
            issuer: Self.text { COpenSSL_print_name($0, X509_get_issuer_name(raw)) },
            serial: Self.serial(raw), expiry: Self.seconds(X509_get0_notAfter(raw)), names: Self.names(raw),
            fingerprint: Self.fingerprint(raw))
    }

    /// All of a list that somebody else owns.
    static func all(borrowing list: OpaquePointer?) -> [TLSCertificate] {
        guard let list else { return [] }
        return (0..<max(0, COpenSSL_count(list))).compactMap { index in
            COpenSSL_certificate(list, index).map { TLSCertificate(borrowing: $0) }
        }
    }

    /// What a function of OpenSSL prints into a buffer of its own.
    private static func text(_ print: (OpaquePointer) -> Int32) -> String {
        guard let buffer = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(buffer) }
        _ = print(buffer)
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(buffer))
        let count = BIO_read(buffer, &bytes, Int32(clamping: bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    private static func serial(_ raw: OpaquePointer) -> String {
        guard let number = X509_get0_serialNumber(raw), let bytes = ASN1_STRING_get0_data(number) else { return "" }
        return hexadecimal(UnsafeBufferPointer(start: bytes, count: Int(ASN1_STRING_length(number))).drop { $0 == 0 })
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return text
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Double? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Double(timegm(&parts))
    }

    private static func names(_ raw: OpaquePointer) -> [String] {
        guard let list = X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(list)
        defer { GENERAL_NAMES_free(names) }
        return (0..<max(0, COpenSSL_name_count(names))).compactMap { index in
            var length: Int32 = 0
            return COpenSSL_dns_name(names, index, &length).map { bytes in
                String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
            }
        }
    }

    private static func fingerprint(_ raw: OpaquePointer) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard X509_digest(raw, EVP_sha256(), &digest, &length) == 1 else { return "" }
        return hexadecimal(digest.prefix(Int(length)))
    }
}
