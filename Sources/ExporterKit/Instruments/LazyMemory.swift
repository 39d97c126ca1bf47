internal import Synchronization

/// Memory for a value that is made when first needed, by whichever thread comes first, and lives as long as this.
///
/// Reading it is one load and counts no references: reference counts of shared objects are what threads would collide on.
///
/// Unchecked: the pointer is set once and its value is `Sendable`.
struct LazyMemory<Value: ~Copyable & Sendable>: ~Copyable, @unchecked Sendable {
    private let pointer = Atomic<UnsafeMutablePointer<Value>?>(nil)

    deinit {
        guard let pointer = pointer.load(ordering: .acquiring) else { return }
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    /// The value, if it was made.
    @inline(__always) var ifMade: UnsafeMutablePointer<Value>? { pointer.load(ordering: .acquiring) }

    /// The value, made now if it was not.
    func made(_ make: () -> Value) -> UnsafeMutablePointer<Value> {
        if let present = ifMade { return present }
        let new = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        new.initialize(to: make())
        let (exchanged, present) = pointer.compareExchange(
            expected: nil, desired: new, ordering: .acquiringAndReleasing)
        guard !exchanged, let present else { return new }
        new.deinitialize(count: 1)
        new.deallocate()
        return present
    }
}
