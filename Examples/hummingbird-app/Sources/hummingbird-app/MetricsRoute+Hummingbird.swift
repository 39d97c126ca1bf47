import ExporterKit
import HTTPTypes
import Hummingbird

extension MetricsRoute {
    /// The answer to a request of Hummingbird. Copy this into your app.
    func response(to request: Request) async -> Response {
        let answer = await respond(
            method: request.method.rawValue, target: request.uri.string,
            headers: request.headers.map { (name: $0.name.rawName, value: $0.value) })
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: headers, body: .init(byteBuffer: .init(bytes: answer.body)))
    }
}
