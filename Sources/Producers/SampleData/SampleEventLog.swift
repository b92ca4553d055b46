// events.csv as a sequence of chunks. Each slice of time is made, sorted and written; only clicks of sessions that run
// on into the next slice are carried over.

/// The rows of events.csv, `timestamp,visitorid,event,itemid,transactionid`, sorted by time; every iteration gives the
/// same bytes.
package struct SampleEventLog: Sequence {
    let parameters: SampleDataParameters
    let catalogue: SampleCatalogue
    let progress: @Sendable (Int) -> Void

    package func makeIterator() -> Iterator { Iterator(self) }

    /// Makes the log chunk by chunk.
    package struct Iterator: IteratorProtocol {
        private let plan: SampleSessionPlan
        private let clicks: SampleClicks
        private let startMs: Int64
        private let progress: @Sendable (Int) -> Void
        private var slice = 0
        /// Clicks before this time are all made: later slices only hold later ones.
        private var madeUpToMs = Int64.min
        private var pending: [SampleClick] = []
        private var pendingFirst = 0
        private var rowsWritten = 0
        private var transactions = 0
        private var isHeaderWritten = false

        fileprivate init(_ log: SampleEventLog) {
            plan = SampleSessionPlan(parameters: log.parameters)
            clicks = SampleClicks(parameters: log.parameters, catalogue: log.catalogue, conversion: plan.conversion)
            startMs = log.parameters.startMs
            progress = log.progress
        }

        /// The next chunk; nil after the last row.
        package mutating func next() -> [UInt8]? {
            var chunk = SampleChunk()
            if !isHeaderWritten {
                chunk.text("timestamp,visitorid,event,itemid,transactionid\n")
                isHeaderWritten = true
            }
            while !chunk.isFull, advance() {
                write(pending[pendingFirst], to: &chunk)
                pendingFirst += 1
            }
            guard !chunk.bytes.isEmpty else { return nil }
            progress(rowsWritten)
            return chunk.bytes
        }

        /// Makes sure that the next click is there and that none can come before it any more; false after the last.
        private mutating func advance() -> Bool {
            while pendingFirst == pending.count || pending[pendingFirst].timestampMs >= madeUpToMs {
                guard slice < plan.sliceCount else { return false }
                makeSlice()
            }
            return true
        }

        private mutating func makeSlice() {
            pending.removeFirst(pendingFirst)
            pendingFirst = 0
            for session in plan.sessions(inSlice: slice) { clicks.append(session, to: &pending) }
            // A user's clicks of one millisecond keep their order: view, cart, purchase.
            pending.sort {
                ($0.timestampMs, $0.user, $0.type.rawValue, $0.item)
                    < ($1.timestampMs, $1.user, $1.type.rawValue, $1.item)
            }
            slice += 1
            madeUpToMs = slice == plan.sliceCount ? Int64.max : startMs + Int64(slice * plan.sliceSeconds) * 1_000
        }

        private mutating func write(_ click: SampleClick, to chunk: inout SampleChunk) {
            chunk.number(Int(click.timestampMs))
            chunk.text(",")
            chunk.number(Int(click.user) + 1)
            switch click.type {
            case .view: chunk.text(",view,")
            case .addtocart: chunk.text(",addtocart,")
            case .transaction: chunk.text(",transaction,")
            }
            chunk.number(Int(click.item) + 1)
            chunk.text(",")
            if click.type == .transaction {
                transactions += 1
                chunk.number(transactions)
            }
            chunk.text("\n")
            rowsWritten += 1
        }
    }
}
