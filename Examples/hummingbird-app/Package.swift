// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hummingbird-app",
    // Hummingbird's own; it matters on Apple systems only.
    platforms: [.macOS(.v14)],
    dependencies: [
        // In a package of your own: .package(url: "https://…/exporter-fleet.git", from: "0.1.0")
        .package(name: "exporter-fleet", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "hummingbird-app",
            dependencies: [
                .product(name: "ExporterKit", package: "exporter-fleet"),
                .product(name: "ExporterKitSwiftMetrics", package: "exporter-fleet"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
