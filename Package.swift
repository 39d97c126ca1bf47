// swift-tools-version: 6.2
import PackageDescription

/// Language settings of every target. Each upcoming feature links its proposal.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0480-swiftpm-warning-control.md
    .treatAllWarnings(as: .error),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "exporter-fleet",
    products: [
        .library(name: "ExporterKit", targets: ["ExporterKit"]),
        .library(name: "ExporterKitSwiftMetrics", targets: ["ExporterKitSwiftMetrics"]),
        .library(name: "ExporterKitTesting", targets: ["ExporterKitTesting"]),
        .library(name: "ExporterCommand", targets: ["ExporterCommand"]),
        .executable(name: "pg-exporter", targets: ["pg-exporter"]),
        .executable(name: "redis-exporter", targets: ["redis-exporter"]),
        .executable(name: "app-exporter", targets: ["app-exporter"]),
    ],
    traits: [
        .trait(
            name: "ServiceLifecycle",
            description: "MetricsServer is a Service of swift-service-lifecycle. Executables that ship go without."),
        .default(enabledTraits: ["ServiceLifecycle"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The house is described in docs/design.md: who may depend on whom, and why.
        .target(
            name: "ExporterKit",
            dependencies: nio + [
                .product(name: "NIOHTTP1", package: "swift-nio"), logging, "CDeflate", "CExporterKit",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ],
            swiftSettings: strict),
        // What Swift cannot say: the shortest digits of a double, the number of this thread.
        .target(name: "CExporterKit"),
        .target(
            name: "ExporterKitSwiftMetrics",
            dependencies: ["ExporterKit", .product(name: "CoreMetrics", package: "swift-metrics"), logging],
            swiftSettings: strict),
        .target(name: "ExporterKitTesting", dependencies: ["ExporterKit"], swiftSettings: strict),
        .target(
            name: "ExporterCommand",
            dependencies: nio + [
                "ExporterKit", "CExporterCommand", "CYAML", "CCrypt", logging,
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // What an executable says to the C library before anything else runs.
        .target(name: "CExporterCommand"),
        .target(
            name: "PostgresClient",
            dependencies: ["CLibpq"],
            swiftSettings: strict),
        .target(
            name: "RedisClient",
            dependencies: nio + ["CHiredis", .product(name: "NIOSSL", package: "swift-nio-ssl")],
            swiftSettings: strict),
        .target(
            name: "CurlClient",
            dependencies: ["CCurl", "TLSClient", .product(name: "NIOPosix", package: "swift-nio")],
            swiftSettings: strict),
        .target(name: "TLSClient", dependencies: ["COpenSSL"], swiftSettings: strict),

        .executableTarget(
            name: "pg-exporter",
            dependencies: ["ExporterKit", "ExporterCommand", "PostgresClient", logging],
            swiftSettings: strict),
        .executableTarget(
            name: "redis-exporter",
            dependencies: ["ExporterKit", "ExporterCommand", "RedisClient", logging],
            swiftSettings: strict),
        .executableTarget(
            name: "app-exporter",
            dependencies: [
                "ExporterKit", "ExporterCommand", "PostgresClient", "RedisClient", "CurlClient", "TLSClient",
                "CJq", logging,
            ] + nio,
            swiftSettings: strict),

        // System libraries: a module map and, where C needs it, a shim header. Nothing else.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // No pkgConfig: hiredis.pc carries a flag that SwiftPM refuses with a warning.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CJq", providers: [.apt(["libjq-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),

        // What several test targets need: servers on loopback whose every answer a test decides. Never shipped.
        .target(
            name: "TestSupport",
            dependencies: nio + ["CDeflate", .product(name: "NIOSSL", package: "swift-nio-ssl")],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "ExporterKitTests",
            dependencies: [
                "ExporterKit", logging, .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nio,
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ExporterKitSwiftMetricsTests",
            dependencies: [
                "ExporterKitSwiftMetrics", "ExporterKit", .product(name: "Metrics", package: "swift-metrics"), logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExporterKitTestingTests", dependencies: ["ExporterKitTesting", "ExporterKit", logging],
            swiftSettings: strict),
        .testTarget(
            name: "ExporterCommandTests",
            dependencies: [
                "ExporterCommand", "ExporterKit", "TestSupport",
                .product(name: "NIOSSL", package: "swift-nio-ssl"), logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresClientTests", dependencies: ["PostgresClient", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RedisClientTests", dependencies: ["RedisClient", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "CurlClientTests", dependencies: ["CurlClient", "TLSClient", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PgExporterTests",
            dependencies: ["pg-exporter", "ExporterCommand", "ExporterKit", "PostgresClient", logging],
            swiftSettings: strict),
        .testTarget(
            name: "RedisExporterTests",
            dependencies: ["redis-exporter", "ExporterCommand", "ExporterKit", "RedisClient", "TestSupport", logging],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "AppExporterTests",
            dependencies: [
                "app-exporter", "ExporterCommand", "ExporterKit", "PostgresClient", "RedisClient", "CurlClient",
                "TLSClient", "TestSupport", logging,
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ] + nio,
            swiftSettings: strict),
        // Real servers, real Prometheus, the executables as users run them. Needs `scripts/servers up`.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "pg-exporter", "redis-exporter", "app-exporter", "ExporterCommand", "ExporterKit", "ExporterKitTesting",
                "PostgresClient", "RedisClient", "CurlClient", "TestSupport", logging,
            ],
            swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
