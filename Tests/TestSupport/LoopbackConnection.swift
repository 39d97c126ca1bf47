import Foundation
import NIOCore
import NIOSSL

/// The server's end of one connection. All calls block, and none fails: a client that is gone sends nothing and takes
/// nothing.
///
/// `@unchecked`: `bytes` and `isOver` are only touched while `condition` is locked.
public final class LoopbackConnection: @unchecked Sendable {
    /// 1 for the first connection of the server.
    public let number: Int
    private let channel: any Channel
    private let record: LoopbackRecord
    private let condition = NSCondition()
    private var bytes: [UInt8] = []
    private var isOver = false

    init(_ channel: any Channel, number: Int, _ record: LoopbackRecord) {
        self.channel = channel
        self.number = number
        self.record = record
    }

    func take(_ more: [UInt8]) {
        condition.withLock {
            bytes.append(contentsOf: more)
            condition.broadcast()
        }
    }

    func end() {
        record.forget(channel)
        condition.withLock {
            isOver = true
            condition.broadcast()
        }
    }

    /// Waits for bytes.
    ///
    /// - Returns: some, at most so many; empty when the client is gone.
    public func receive(_ most: Int = 1 << 20) -> [UInt8] {
        condition.withLock {
            while bytes.isEmpty, !isOver { condition.wait() }
            let some = Array(bytes.prefix(most))
            bytes.removeFirst(some.count)
            return some
        }
    }

    /// Waits for exactly so many bytes; fewer when the client is gone.
    public func receive(exactly count: Int) -> [UInt8] {
        var whole: [UInt8] = []
        while whole.count < count {
            let some = receive(count - whole.count)
            guard !some.isEmpty else { break }
            whole += some
        }
        return whole
    }

    /// Waits for bytes up to and with a mark, such as the end of a line.
    ///
    /// - Returns: `nil` when the client is gone before.
    public func receive(through mark: String) -> String? {
        let mark = Array(mark.utf8)
        return condition.withLock {
            var searched = 0
            while true {
                while searched + mark.count <= bytes.count {
                    if bytes[searched..<(searched + mark.count)].elementsEqual(mark) {
                        let text = String(decoding: bytes[..<(searched + mark.count)], as: UTF8.self)
                        bytes.removeFirst(searched + mark.count)
                        return text
                    }
                    searched += 1
                }
                if isOver { return nil }
                condition.wait()
            }
        }
    }

    /// Head of the next HTTP request, noted in the server's `requests`; `nil` when the client is gone.
    public func request() -> String? {
        let head = receive(through: "\r\n\r\n")
        if let head { record.note(head) }
        return head
    }

    /// Adds to the server's `requests`.
    public func note(_ text: String) { record.note(text) }

    /// Sends bytes and waits until the system has taken them.
    ///
    /// - Returns: `false` when the client no longer reads.
    @discardableResult
    public func send(_ bytes: some Sequence<UInt8> & Sendable) -> Bool {
        (try? channel.writeAndFlush(ByteBuffer(bytes: bytes)).wait()) != nil
    }

    /// Sends text.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends one HTTP answer with its length.
    ///
    /// - Parameter headers: lines, each with its line end.
    @discardableResult
    public func answer(_ body: String, status: String = "200 OK", headers: String = "") -> Bool {
        send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Goes on in TLS, as after STARTTLS.
    ///
    /// - Parameter text: said in the clear right before, so that the client's first bytes are not read in the clear.
    /// - Returns: `false` when the client is gone.
    public func startTLS(_ tls: ServerTLS, after text: String = "") -> Bool {
        guard let context = try? NIOSSLContext(configuration: tls.configuration()) else { return false }
        let channel = channel
        let added = channel.eventLoop.submit {
            if !text.isEmpty { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context), position: .first)
        }
        return (try? added.wait()) != nil
    }

    /// Until the client hangs up; what it sends is thrown away.
    public func waitForHangUp() {
        while !receive().isEmpty {}
    }

    /// Whether the client is gone.
    public var isGone: Bool { condition.withLock { isOver } }

    /// Waits, not longer than the client stays.
    ///
    /// - Returns: `false` when the client is gone.
    public func pause(_ duration: Duration) -> Bool {
        let end = ContinuousClock.now.advanced(by: duration)
        while !isGone {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return true }
            Thread.sleep(forTimeInterval: min(0.02, left / .seconds(1)))
        }
        return false
    }

    /// Closes the connection in the orderly way.
    public func close() { channel.close(promise: nil) }

    /// Breaks the connection off: the client sees a reset.
    public func reset() {
        if let socket = channel as? any SocketOptionProvider {
            _ = try? socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).wait()
        }
        channel.close(promise: nil)
    }
}
