import CurlClient
import ExporterKit
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import app_exporter

/// Health by gRPC against a server that speaks HTTP/2.
struct GRPCCheckTests {
    private func check(_ service: String, port: Int) async -> CheckResult {
        var settings = GRPCCheckSettings()
        settings.service = service
        settings.endpoint = WireEndpoint(host: "127.0.0.1", port: port)
        return await GRPCCheck(settings: settings, client: CurlClient()).run(until: .now.advanced(by: .seconds(10)))
    }

    private func value(_ family: CheckFamily, _ labels: [String] = [], in result: CheckResult) -> Double? {
        result.findings.first { $0.family.descriptor.name == family.descriptor.name && $0.labels == labels }?.value
    }

    @Test func aServingServerPasses() async throws {
        let server = try HealthServer()
        let result = await check("", port: server.port)
        #expect(result.verdict.hasPassed, "\(result.verdict)")
        #expect(value(BlackboxMetrics.grpcStatus, in: result) == 0)
        #expect(value(BlackboxMetrics.grpcHealth, ["SERVING"], in: result) == 1)
        #expect(value(BlackboxMetrics.grpcHealth, ["NOT_SERVING"], in: result) == 0)
        #expect(value(BlackboxMetrics.grpcTLS, in: result) == 0)
        #expect(server.asked.withLock { $0 } == ["/grpc.health.v1.Health/Check application/grpc"])
    }

    @Test func otherAnswersFail() async throws {
        let server = try HealthServer()
        let sleeping = await check("sleeping", port: server.port)
        #expect(value(BlackboxMetrics.grpcHealth, ["NOT_SERVING"], in: sleeping) == 1)
        #expect(sleeping.verdict.error?.message.hasSuffix("the service is NOT_SERVING") == true)
        let unknown = await check("nobody", port: server.port)
        #expect(value(BlackboxMetrics.grpcStatus, in: unknown) == 5)
        #expect(!unknown.verdict.hasPassed)
        let plain = try HTTPTestServer(["/": "no gRPC here"])
        let other = await check("", port: plain.port)
        #expect(!other.verdict.hasPassed && value(BlackboxMetrics.grpcStatus, in: other) == 14)
    }
}

/// A gRPC server's health service, one answer by name of the service.
private final class HealthServer: Sendable {
    let port: Int
    let asked: AskedPaths
    private let channel: any Channel

    /// Path and content type of each request.
    final class AskedPaths: Sendable {
        private let paths = Mutex<[String]>([])
        func withLock<T>(_ work: (inout [String]) -> T) -> T { paths.withLock { work(&$0) } }
    }

    init() throws {
        let asked = AskedPaths()
        self.asked = asked
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let streams = HTTP2StreamMultiplexer(mode: .server, channel: channel) { stream in
                        stream.eventLoop.makeCompletedFuture {
                            try stream.pipeline.syncOperations.addHandler(HealthStream(asked))
                        }
                    }
                    try channel.pipeline.syncOperations.addHandlers([NIOHTTP2Handler(mode: .server), streams])
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }
}

/// One call.
private final class HealthStream: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload
    private let asked: HealthServer.AskedPaths
    private var message: [UInt8] = []

    init(_ asked: HealthServer.AskedPaths) { self.asked = asked }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            let (path, type) = (headers.headers[":path"].first ?? "", headers.headers["content-type"].first ?? "")
            asked.withLock { $0.append("\(path) \(type)") }
            if headers.endStream { answer(context) }
        case .data(let body):
            if case .byteBuffer(let bytes) = body.data { message += Array(buffer: bytes) }
            if body.endStream { answer(context) }
        default: break
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let service = String(decoding: message.dropFirst(7), as: UTF8.self)
        send([":status": "200", "content-type": "application/grpc"], context)
        if service != "nobody" {
            let state: UInt8 = service == "sleeping" ? 2 : 1
            let frame = ByteBuffer(bytes: [0, 0, 0, 0, 2, 8, state])
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(frame)))), promise: nil)
        }
        send(["grpc-status": service == "nobody" ? "5" : "0"], context, isLast: true)
    }

    private func send(_ headers: HPACKHeaders, _ context: ChannelHandlerContext, isLast: Bool = false) {
        let payload = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: isLast))
        context.writeAndFlush(wrapOutboundOut(payload), promise: nil)
    }
}
