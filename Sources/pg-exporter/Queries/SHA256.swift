/// The digest under which postgres_exporter names a file's content in a label; nothing here relies on its strength.
/// Source: https://csrc.nist.gov/pubs/fips/180-4/upd1/final
enum SHA256 {
    /// The digest in lower-case hexadecimal digits.
    static func hexadecimal(_ message: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in words(message) {
            for shift in stride(from: 28, through: 0, by: -4) { text.append(digits[Int(word >> UInt32(shift)) & 15]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func words(_ message: [UInt8]) -> [UInt32] {
        var hash = roots(of: primes(8), by: { $0.squareRoot() })
        let constants = roots(of: primes(64), by: cubeRoot)
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        for start in stride(from: 0, to: padded.count, by: 64) {
            mix(padded[start..<start + 64], into: &hash, constants)
        }
        return hash
    }

    private static func mix(_ block: ArraySlice<UInt8>, into hash: inout [UInt32], _ constants: [UInt32]) {
        var schedule = stride(from: block.startIndex, to: block.endIndex, by: 4).map { index in
            block[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (early, late) = (schedule[index - 15], schedule[index - 2])
            let first = rotated(early, 7) ^ rotated(early, 18) ^ (early >> 3)
            let second = rotated(late, 17) ^ rotated(late, 19) ^ (late >> 10)
            schedule.append(schedule[index - 16] &+ first &+ schedule[index - 7] &+ second)
        }
        var state = hash
        for index in 0..<64 {
            let (a, e) = (state[0], state[4])
            let choice = (e & state[5]) ^ (~e & state[6])
            let majority = (a & state[1]) ^ (a & state[2]) ^ (state[1] & state[2])
            let high = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let low = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let first = state[7] &+ high &+ choice &+ constants[index] &+ schedule[index]
            state.removeLast()
            state[3] = state[3] &+ first
            state.insert(first &+ low &+ majority, at: 0)
        }
        for index in 0..<8 { hash[index] = hash[index] &+ state[index] }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static func primes(_ count: Int) -> [UInt32] {
        var primes: [UInt32] = []
        var candidate: UInt32 = 2
        while primes.count < count {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }

    /// First 32 bits of the fractions: a double has them with bits to spare.
    private static func roots(of primes: [UInt32], by root: (Double) -> Double) -> [UInt32] {
        primes.map { prime in
            let value = root(Double(prime))
            return UInt32((value - value.rounded(.down)) * 4_294_967_296)
        }
    }

    /// Newton's method, which reaches the nearest double from below 8 in far fewer steps.
    private static func cubeRoot(_ number: Double) -> Double {
        var root = 8.0
        for _ in 0..<40 { root -= (root * root * root - number) / (3 * root * root) }
        return root
    }
}
