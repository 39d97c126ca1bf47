internal import Glibc
internal import Synchronization

/// The time of day in the forms that HTTP and JSON want, always UTC.
final class TimeText: Sendable {
    private let cache = Mutex((second: -1, text: ""))

    /// Value of a `Date` header, made once a second. Source: RFC 9110, 5.6.7
    func date() -> String {
        let second = Glibc.time(nil)
        return cache.withLock { cache in
            if cache.second != second { cache = (second, Self.imfDate(second)) }
            return cache.text
        }
    }

    /// `2026-11-21T13:00:00.123Z`; now.
    static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return timestamp(Double(now.tv_sec) + Double(now.tv_nsec) / 1e9)
    }

    /// The same of any time, given as seconds since 1970.
    static func timestamp(_ seconds: Double) -> String {
        let whole = seconds.rounded(.down)
        let time = parts(Int(whole))
        let date = "\(1900 + time.tm_year)-\(padded(time.tm_mon + 1))-\(padded(time.tm_mday))"
        let milliseconds = padded(Int32((seconds - whole) * 1000), 3)
        return "\(date)T\(clock(time)).\(milliseconds)Z"
    }

    static func imfDate(_ second: Int) -> String {
        let time = parts(second)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = "\(days[Int(time.tm_wday) % 7]), \(padded(time.tm_mday)) \(months[Int(time.tm_mon) % 12])"
        return "\(day) \(1900 + time.tm_year) \(clock(time)) GMT"
    }

    private static func parts(_ second: Int) -> tm {
        var second = second
        var time = tm()
        gmtime_r(&second, &time)
        return time
    }

    private static func clock(_ time: tm) -> String {
        "\(padded(time.tm_hour)):\(padded(time.tm_min)):\(padded(time.tm_sec))"
    }

    private static func padded(_ number: Int32, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
