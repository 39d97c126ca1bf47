import Testing

@testable import RedisClient

@Suite struct RedisAddressTests {
    struct Form: Sendable {
        let url: String
        let endpoint: String
        var user: String?
        var password: String?
        var database = 0
        var tls = false
    }

    @Test(arguments: [
        Form(url: "redis://localhost:6379", endpoint: "localhost:6379"),
        Form(url: "redis://", endpoint: "localhost:6379"),
        Form(url: "REDIS://Host", endpoint: "Host:6379"),
        Form(url: "cache.internal:7000", endpoint: "cache.internal:7000"),
        Form(url: "cache.internal", endpoint: "cache.internal:6379"),
        Form(url: ":6390", endpoint: "localhost:6390"),
        Form(url: "rediss://h:1/3", endpoint: "h:1", database: 3, tls: true),
        Form(url: "valkey://h", endpoint: "h:6379"),
        Form(url: "valkeys://h", endpoint: "h:6379", tls: true),
        Form(url: "redis://me:pw@h:1/", endpoint: "h:1", user: "me", password: "pw"),
        Form(url: "redis://:pw@h", endpoint: "h:6379", password: "pw"),
        Form(url: "redis://pw@h", endpoint: "h:6379", password: "pw"),
        Form(url: "redis://me:p%40s%2Fs%25@h", endpoint: "h:6379", user: "me", password: "p@s/s%"),
        Form(url: "redis://me:p@ss@h", endpoint: "h:6379", user: "me", password: "p@ss"),
        Form(url: "me:pw@h:2", endpoint: "h:2", user: "me", password: "pw"),
        Form(url: "redis://[::1]:6380/2", endpoint: "[::1]:6380", database: 2),
        Form(url: "redis://[fe80::1]", endpoint: "[fe80::1]:6379"),
        Form(url: "unix:///run/redis/redis.sock", endpoint: "/run/redis/redis.sock"),
    ])
    func addressIsUnderstood(form: Form) throws {
        let options = try RedisOptions(url: form.url)
        #expect(options.endpoint.description == form.endpoint)
        #expect(options.username == form.user)
        #expect(options.password == form.password)
        #expect(options.database == form.database)
        #expect((options.tls != nil) == form.tls)
    }

    @Test(arguments: [
        "http://h:1", "redis://h:port", "redis://h:0", "redis://h:70000", "redis://h/one", "redis://h/-1",
        "unix://relative",
        "redis://me:hunter2%zz@h", "redis://me:hunter2%+1@h", "redis://me:hunter2%4@h", "redis://::1:6379",
        "redis://h:1?db=2", "re dis:1",
    ])
    func badAddressNamesTheMistakeAndNoSecret(url: String) {
        let error = #expect(throws: RedisAddressError.self) { try RedisOptions(url: url) }
        #expect(error?.message.isEmpty == false)
        #expect(error?.message.contains("hunter2") == false)
    }
}
