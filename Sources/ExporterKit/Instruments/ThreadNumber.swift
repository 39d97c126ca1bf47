internal import CExporterKit

/// Number of the calling thread: 1, 2, 3, …, unique among living threads. Tells instruments which part of a value is theirs.
enum ThreadNumber {
    /// No thread has it.
    static let nobody = UInt32.max
    /// No thread has it either: what this stands for belongs to all threads for ever.
    static let everybody = UInt32.max - 1

    /// 0 on a thread that never asked `current`. One load, no call.
    @inline(__always) static var known: UInt32 { CExporterKit_thread_number() }

    /// The number, given now where there was none.
    static var current: UInt32 {
        let known = known
        return known != 0 ? known : CExporterKit_number_thread()
    }
}
