// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
    // Cases of one thread all run on the main thread.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"), .treatAllWarnings(as: .error),
]

// A package of its own, so that nobody who links ExporterKit ever builds it. README.md here says how it is used.
let package = Package(
    name: "fleet-benchmarks",
    dependencies: [
        .package(name: "exporter-fleet", path: ".."),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    ],
    targets: [
        // The harness. Links nothing of ours: what it measures it starts as executables, as users do.
        .executableTarget(name: "fleet-bench", swiftSettings: strict),
        // Ours, as one of the programs that the harness asks.
        .executableTarget(
            name: "kit-bench",
            dependencies: [
                "CAllocations",
                .product(name: "ExporterKit", package: "exporter-fleet"),
                .product(name: "ExporterKitSwiftMetrics", package: "exporter-fleet"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        // Counts what the program takes from the heap.
        .target(name: "CAllocations"),
    ]
)
