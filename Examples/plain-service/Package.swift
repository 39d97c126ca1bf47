// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "plain-service",
    dependencies: [
        // In a package of your own: .package(url: "https://…/exporter-fleet.git", from: "0.1.0")
        .package(name: "exporter-fleet", path: "../.."),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "plain-service",
            dependencies: [
                .product(name: "ExporterKit", package: "exporter-fleet"),
                .product(name: "ExporterKitSwiftMetrics", package: "exporter-fleet"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
