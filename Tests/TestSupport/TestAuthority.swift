import Foundation
import NIOSSL

/// A certificate authority of a test, made by openssl in a folder of its own that goes with it.
public final class TestAuthority: Sendable {
    private let folder: URL
    /// PEM of the authority: what clients trust.
    public var authorityFile: String { folder.appendingPathComponent("ca.pem").path }

    /// Makes the authority.
    public init(_ name: String = "Test authority") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.openssl(
            ["req", "-x509", "-days", "30", "-subj", "/CN=\(name)", "-out", authorityFile]
                + Self.newKey(folder.appendingPathComponent("ca-key.pem").path))
        try Data().write(to: folder.appendingPathComponent("index.txt"))
        let lines = [
            "[ca]", "default_ca=own", "[own]", "database=\(folder.path)/index.txt", "new_certs_dir=\(folder.path)",
            "rand_serial=yes", "default_md=sha256", "policy=any", "unique_subject=no", "copy_extensions=copy",
            "[any]", "commonName=supplied",
        ]
        try Data(lines.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("ca.cnf"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Makes a certificate and its key.
    ///
    /// - Parameters:
    ///   - name: subject, and file name.
    ///   - alternatives: as openssl writes them, for example `DNS:localhost,IP:127.0.0.1`.
    ///   - from: beginning of validity, seconds from now.
    ///   - until: end of validity, seconds from now; negative for a certificate that has expired.
    public func issue(
        _ name: String = "localhost", alternatives: String = "DNS:localhost,IP:127.0.0.1", from: Double = -864_000,
        until: Double = 864_000
    ) throws -> ServerTLS {
        let stem = folder.appendingPathComponent("\(name)-\(UUID().uuidString)").path
        let (certificate, key, request) = (stem + ".pem", stem + ".key", stem + ".csr")
        try Self.openssl(
            ["req", "-new", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(alternatives)", "-out", request]
                + Self.newKey(key))
        try Self.openssl([
            "ca", "-batch", "-notext", "-config", folder.appendingPathComponent("ca.cnf").path, "-cert", authorityFile,
            "-keyfile", folder.appendingPathComponent("ca-key.pem").path, "-startdate", Self.date(from), "-enddate",
            Self.date(until), "-in", request, "-out", certificate,
        ])
        return ServerTLS(certificateFile: certificate, keyFile: key, clientAuthorityFile: nil)
    }

    private static func newKey(_ file: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]
    }

    /// `YYMMDDHHMMSSZ`
    private static func date(_ secondsFromNow: Double) -> String {
        var moment = time_t(Date().timeIntervalSince1970 + secondsFromNow)
        var parts = tm()
        gmtime_r(&moment, &parts)
        let numbers = [parts.tm_year % 100, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec]
        return numbers.map { ($0 < 10 ? "0" : "") + "\($0)" }.joined() + "Z"
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestSupportError("openssl \(arguments.first ?? ""): \(String(decoding: text, as: UTF8.self))")
        }
    }
}

/// What a server of a test shows to its clients.
public struct ServerTLS: Sendable {
    /// PEM of the certificate, leaf first.
    public var certificateFile: String
    /// PEM of its key.
    public var keyFile: String
    /// PEM of the authority whose certificates clients must have; `nil` asks for none.
    public var clientAuthorityFile: String?
    /// Oldest version it speaks: 1.2, or 1.3 with `true`.
    public var onlyTLS13 = false

    /// From files.
    public init(certificateFile: String, keyFile: String, clientAuthorityFile: String?) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.clientAuthorityFile = clientAuthorityFile
    }

    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
        if onlyTLS13 { configuration.minimumTLSVersion = .tlsv13 }
        if let clientAuthorityFile {
            configuration.trustRoots = .file(clientAuthorityFile)
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }
}

/// Something that a test needs could not be made.
public struct TestSupportError: Error, CustomStringConvertible {
    /// What.
    public let description: String

    /// With this text.
    public init(_ description: String) { self.description = description }
}
