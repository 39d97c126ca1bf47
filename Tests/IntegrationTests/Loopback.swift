import Glibc

extension sockaddr_in {
    /// An address of loopback; port 0 lets the system choose.
    static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// Gives the address to a call of the system.
    mutating func withPointer(_ use: (UnsafeMutablePointer<sockaddr>) -> Bool) -> Bool {
        withUnsafeMutableBytes(of: &self) { bytes in
            bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.map(use) ?? false
        }
    }
}
